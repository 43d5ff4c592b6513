from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bill import Bill
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    *,
    period: str | Unset = UNSET,
    resource: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["period"] = period

    params["resource"] = resource

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/orgs/{org}/bill".format(
            org=quote(str(org), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Bill | ProblemBody | None:
    if response.status_code == 200:
        response_200 = Bill.from_dict(response.json())

        return response_200

    if 400 <= response.status_code <= 499:
        response_4xx = ProblemBody.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Bill | ProblemBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    period: str | Unset = UNSET,
    resource: str | Unset = UNSET,
) -> Response[Bill | ProblemBody]:
    """The bill of a calendar month, so far for the current one.

    Args:
        org (str):
        period (str | Unset):
        resource (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Bill | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        period=period,
        resource=resource,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    period: str | Unset = UNSET,
    resource: str | Unset = UNSET,
) -> Bill | ProblemBody | None:
    """The bill of a calendar month, so far for the current one.

    Args:
        org (str):
        period (str | Unset):
        resource (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Bill | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        period=period,
        resource=resource,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    period: str | Unset = UNSET,
    resource: str | Unset = UNSET,
) -> Response[Bill | ProblemBody]:
    """The bill of a calendar month, so far for the current one.

    Args:
        org (str):
        period (str | Unset):
        resource (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Bill | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        period=period,
        resource=resource,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    period: str | Unset = UNSET,
    resource: str | Unset = UNSET,
) -> Bill | ProblemBody | None:
    """The bill of a calendar month, so far for the current one.

    Args:
        org (str):
        period (str | Unset):
        resource (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Bill | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            period=period,
            resource=resource,
        )
    ).parsed
