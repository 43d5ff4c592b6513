from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.org import Org
from ...models.org_patch import OrgPatch
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    *,
    body: OrgPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/v1/orgs/{org}".format(
            org=quote(str(org), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Org | ProblemBody | None:
    if response.status_code == 200:
        response_200 = Org.from_dict(response.json())

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
) -> Response[Org | ProblemBody]:
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
    body: OrgPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Org | ProblemBody]:
    """Gives the org another name, or another time zone. Its slug stays.

    Args:
        org (str):
        idempotency_key (None | str | Unset):
        body (OrgPatch): What to change of an org.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Org | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: OrgPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Org | ProblemBody | None:
    """Gives the org another name, or another time zone. Its slug stays.

    Args:
        org (str):
        idempotency_key (None | str | Unset):
        body (OrgPatch): What to change of an org.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Org | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: OrgPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Org | ProblemBody]:
    """Gives the org another name, or another time zone. Its slug stays.

    Args:
        org (str):
        idempotency_key (None | str | Unset):
        body (OrgPatch): What to change of an org.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Org | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: OrgPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Org | ProblemBody | None:
    """Gives the org another name, or another time zone. Its slug stays.

    Args:
        org (str):
        idempotency_key (None | str | Unset):
        body (OrgPatch): What to change of an org.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Org | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
