from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.ask_draft_connection_action import AskDraftConnectionAction
from ...models.ask_draft_connection_response_200 import AskDraftConnectionResponse200
from ...models.connection_question import ConnectionQuestion
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    action: AskDraftConnectionAction,
    *,
    body: ConnectionQuestion,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/orgs/{org}/connections/actions/{action}".format(
            org=quote(str(org), safe=""),
            action=quote(str(action), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AskDraftConnectionResponse200 | ProblemBody | None:
    if response.status_code == 200:
        response_200 = AskDraftConnectionResponse200.from_dict(response.json())

        return response_200

    if response.status_code == 503:
        response_503 = ProblemBody.from_dict(response.json())

        return response_503

    if 400 <= response.status_code <= 499:
        response_4xx = ProblemBody.from_dict(response.json())

        return response_4xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[AskDraftConnectionResponse200 | ProblemBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    action: AskDraftConnectionAction,
    *,
    client: AuthenticatedClient | Client,
    body: ConnectionQuestion,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[AskDraftConnectionResponse200 | ProblemBody]:
    """Ask about a connection

    Args:
        org (str):
        action (AskDraftConnectionAction):
        idempotency_key (None | str | Unset):
        body (ConnectionQuestion): What a question about a draft is about.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AskDraftConnectionResponse200 | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        action=action,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    action: AskDraftConnectionAction,
    *,
    client: AuthenticatedClient | Client,
    body: ConnectionQuestion,
    idempotency_key: None | str | Unset = UNSET,
) -> AskDraftConnectionResponse200 | ProblemBody | None:
    """Ask about a connection

    Args:
        org (str):
        action (AskDraftConnectionAction):
        idempotency_key (None | str | Unset):
        body (ConnectionQuestion): What a question about a draft is about.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AskDraftConnectionResponse200 | ProblemBody
    """

    return sync_detailed(
        org=org,
        action=action,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    org: str,
    action: AskDraftConnectionAction,
    *,
    client: AuthenticatedClient | Client,
    body: ConnectionQuestion,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[AskDraftConnectionResponse200 | ProblemBody]:
    """Ask about a connection

    Args:
        org (str):
        action (AskDraftConnectionAction):
        idempotency_key (None | str | Unset):
        body (ConnectionQuestion): What a question about a draft is about.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AskDraftConnectionResponse200 | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        action=action,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    action: AskDraftConnectionAction,
    *,
    client: AuthenticatedClient | Client,
    body: ConnectionQuestion,
    idempotency_key: None | str | Unset = UNSET,
) -> AskDraftConnectionResponse200 | ProblemBody | None:
    """Ask about a connection

    Args:
        org (str):
        action (AskDraftConnectionAction):
        idempotency_key (None | str | Unset):
        body (ConnectionQuestion): What a question about a draft is about.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AskDraftConnectionResponse200 | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            action=action,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
