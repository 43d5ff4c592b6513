from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.connection import Connection
from ...models.problem_body import ProblemBody
from ...models.resource_include import ResourceInclude
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    key: str,
    *,
    include: ResourceInclude | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_include: str | Unset = UNSET
    if not isinstance(include, Unset):
        json_include = include.value

    params["include"] = json_include

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/orgs/{org}/connections/{key}".format(
            org=quote(str(org), safe=""),
            key=quote(str(key), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Connection | ProblemBody | None:
    if response.status_code == 200:
        response_200 = Connection.from_dict(response.json())

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
) -> Response[Connection | ProblemBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    include: ResourceInclude | Unset = UNSET,
) -> Response[Connection | ProblemBody]:
    """Read a connection

    Args:
        org (str):
        key (str):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Connection | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        key=key,
        include=include,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    include: ResourceInclude | Unset = UNSET,
) -> Connection | ProblemBody | None:
    """Read a connection

    Args:
        org (str):
        key (str):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Connection | ProblemBody
    """

    return sync_detailed(
        org=org,
        key=key,
        client=client,
        include=include,
    ).parsed


async def asyncio_detailed(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    include: ResourceInclude | Unset = UNSET,
) -> Response[Connection | ProblemBody]:
    """Read a connection

    Args:
        org (str):
        key (str):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Connection | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        key=key,
        include=include,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    include: ResourceInclude | Unset = UNSET,
) -> Connection | ProblemBody | None:
    """Read a connection

    Args:
        org (str):
        key (str):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Connection | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            key=key,
            client=client,
            include=include,
        )
    ).parsed
