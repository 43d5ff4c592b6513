from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.new_sql_login_body import NewSqlLoginBody
from ...models.opened_sql_login import OpenedSqlLogin
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    id: str,
    *,
    body: NewSqlLoginBody,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/orgs/{org}/service-accounts/{id}/sql-logins".format(
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
) -> OpenedSqlLogin | ProblemBody | None:
    if response.status_code == 201:
        response_201 = OpenedSqlLogin.from_dict(response.json())

        return response_201

    if 400 <= response.status_code <= 499:
        response_4xx = ProblemBody.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[OpenedSqlLogin | ProblemBody]:
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
    body: NewSqlLoginBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[OpenedSqlLogin | ProblemBody]:
    """Makes a login to the database, which sees what policies let the account see. Its password is shown
    only now.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (NewSqlLoginBody): A new SQL login.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OpenedSqlLogin | ProblemBody]
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
    body: NewSqlLoginBody,
    idempotency_key: None | str | Unset = UNSET,
) -> OpenedSqlLogin | ProblemBody | None:
    """Makes a login to the database, which sees what policies let the account see. Its password is shown
    only now.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (NewSqlLoginBody): A new SQL login.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OpenedSqlLogin | ProblemBody
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
    body: NewSqlLoginBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[OpenedSqlLogin | ProblemBody]:
    """Makes a login to the database, which sees what policies let the account see. Its password is shown
    only now.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (NewSqlLoginBody): A new SQL login.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OpenedSqlLogin | ProblemBody]
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
    body: NewSqlLoginBody,
    idempotency_key: None | str | Unset = UNSET,
) -> OpenedSqlLogin | ProblemBody | None:
    """Makes a login to the database, which sees what policies let the account see. Its password is shown
    only now.

    Args:
        org (str):
        id (str):
        idempotency_key (None | str | Unset):
        body (NewSqlLoginBody): A new SQL login.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OpenedSqlLogin | ProblemBody
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
