from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_body import ProblemBody
from ...models.service_account import ServiceAccount
from ...models.service_account_patch import ServiceAccountPatch
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    id: str,
    *,
    body: ServiceAccountPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/v1/orgs/{org}/service-accounts/{id}".format(
            org=quote(str(org), safe=""),
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemBody | ServiceAccount | None:
    if response.status_code == 200:
        response_200 = ServiceAccount.from_dict(response.json())

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
) -> Response[ProblemBody | ServiceAccount]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ServiceAccountPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemBody | ServiceAccount]:
    """Gives the account and its tokens other roles, groups or attributes.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (ServiceAccountPatch): What to change of a service account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemBody | ServiceAccount]
    """

    kwargs = _get_kwargs(
        org=org,
        id=id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ServiceAccountPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemBody | ServiceAccount | None:
    """Gives the account and its tokens other roles, groups or attributes.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (ServiceAccountPatch): What to change of a service account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemBody | ServiceAccount
    """

    return sync_detailed(
        org=org,
        id=id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    org: str,
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ServiceAccountPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemBody | ServiceAccount]:
    """Gives the account and its tokens other roles, groups or attributes.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (ServiceAccountPatch): What to change of a service account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemBody | ServiceAccount]
    """

    kwargs = _get_kwargs(
        org=org,
        id=id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ServiceAccountPatch,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemBody | ServiceAccount | None:
    """Gives the account and its tokens other roles, groups or attributes.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (ServiceAccountPatch): What to change of a service account.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemBody | ServiceAccount
    """

    return (
        await asyncio_detailed(
            org=org,
            id=id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
