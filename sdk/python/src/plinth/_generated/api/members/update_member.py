from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.member import Member
from ...models.member_patch_body import MemberPatchBody
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    user_id: str,
    *,
    body: MemberPatchBody,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/v1/orgs/{org}/members/{user_id}".format(
            org=quote(str(org), safe=""),
            user_id=quote(str(user_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Member | ProblemBody | None:
    if response.status_code == 200:
        response_200 = Member.from_dict(response.json())

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
) -> Response[Member | ProblemBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    org: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberPatchBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Member | ProblemBody]:
    """Changes a member's roles or attributes. Only owners give or take the role `owner`; the last owner
    stays one.

    Args:
        org (str):
        user_id (str):
        idempotency_key (None | str | Unset):
        body (MemberPatchBody): What to change of a member; what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Member | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        user_id=user_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberPatchBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Member | ProblemBody | None:
    """Changes a member's roles or attributes. Only owners give or take the role `owner`; the last owner
    stays one.

    Args:
        org (str):
        user_id (str):
        idempotency_key (None | str | Unset):
        body (MemberPatchBody): What to change of a member; what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Member | ProblemBody
    """

    return sync_detailed(
        org=org,
        user_id=user_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    org: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberPatchBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Member | ProblemBody]:
    """Changes a member's roles or attributes. Only owners give or take the role `owner`; the last owner
    stays one.

    Args:
        org (str):
        user_id (str):
        idempotency_key (None | str | Unset):
        body (MemberPatchBody): What to change of a member; what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Member | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        user_id=user_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    user_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: MemberPatchBody,
    idempotency_key: None | str | Unset = UNSET,
) -> Member | ProblemBody | None:
    """Changes a member's roles or attributes. Only owners give or take the role `owner`; the last owner
    stays one.

    Args:
        org (str):
        user_id (str):
        idempotency_key (None | str | Unset):
        body (MemberPatchBody): What to change of a member; what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Member | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            user_id=user_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
