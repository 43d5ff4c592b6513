from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.answers_wire import AnswersWire
from ...models.authorize_body import AuthorizeBody
from ...models.problem_body import ProblemBody
from ...types import Response


def _get_kwargs(
    org: str,
    *,
    body: AuthorizeBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/orgs/{org}/authorize".format(
            org=quote(str(org), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AnswersWire | ProblemBody | None:
    if response.status_code == 200:
        response_200 = AnswersWire.from_dict(response.json())

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
) -> Response[AnswersWire | ProblemBody]:
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
    body: AuthorizeBody,
) -> Response[AnswersWire | ProblemBody]:
    """Answers whether the caller, or another principal of the org, may do this and that, with reasons.
    What the caller may
    not see is answered like what is not there.

    Args:
        org (str):
        body (AuthorizeBody): Questions that are answered together.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AnswersWire | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizeBody,
) -> AnswersWire | ProblemBody | None:
    """Answers whether the caller, or another principal of the org, may do this and that, with reasons.
    What the caller may
    not see is answered like what is not there.

    Args:
        org (str):
        body (AuthorizeBody): Questions that are answered together.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AnswersWire | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizeBody,
) -> Response[AnswersWire | ProblemBody]:
    """Answers whether the caller, or another principal of the org, may do this and that, with reasons.
    What the caller may
    not see is answered like what is not there.

    Args:
        org (str):
        body (AuthorizeBody): Questions that are answered together.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AnswersWire | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizeBody,
) -> AnswersWire | ProblemBody | None:
    """Answers whether the caller, or another principal of the org, may do this and that, with reasons.
    What the caller may
    not see is answered like what is not there.

    Args:
        org (str):
        body (AuthorizeBody): Questions that are answered together.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AnswersWire | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            body=body,
        )
    ).parsed
