from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.pipeline import Pipeline
from ...models.problem_body import ProblemBody
from ...models.replace_pipeline import ReplacePipeline
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    key: str,
    *,
    body: ReplacePipeline,
    dry_run: bool | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/orgs/{org}/pipelines/{key}".format(
            org=quote(str(org), safe=""),
            key=quote(str(key), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Pipeline | ProblemBody | None:
    if response.status_code == 200:
        response_200 = Pipeline.from_dict(response.json())

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
) -> Response[Pipeline | ProblemBody]:
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
    body: ReplacePipeline,
    dry_run: bool | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Pipeline | ProblemBody]:
    """Replace a pipeline

    Args:
        org (str):
        key (str):
        dry_run (bool | Unset):
        idempotency_key (None | str | Unset):
        if_match (str | Unset):
        body (ReplacePipeline): The whole desired state. Secrets that are left out stay as they
            are, and so does the owner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Pipeline | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        key=key,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
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
    body: ReplacePipeline,
    dry_run: bool | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Pipeline | ProblemBody | None:
    """Replace a pipeline

    Args:
        org (str):
        key (str):
        dry_run (bool | Unset):
        idempotency_key (None | str | Unset):
        if_match (str | Unset):
        body (ReplacePipeline): The whole desired state. Secrets that are left out stay as they
            are, and so does the owner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Pipeline | ProblemBody
    """

    return sync_detailed(
        org=org,
        key=key,
        client=client,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    body: ReplacePipeline,
    dry_run: bool | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Pipeline | ProblemBody]:
    """Replace a pipeline

    Args:
        org (str):
        key (str):
        dry_run (bool | Unset):
        idempotency_key (None | str | Unset):
        if_match (str | Unset):
        body (ReplacePipeline): The whole desired state. Secrets that are left out stay as they
            are, and so does the owner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Pipeline | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        key=key,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    key: str,
    *,
    client: AuthenticatedClient | Client,
    body: ReplacePipeline,
    dry_run: bool | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Pipeline | ProblemBody | None:
    """Replace a pipeline

    Args:
        org (str):
        key (str):
        dry_run (bool | Unset):
        idempotency_key (None | str | Unset):
        if_match (str | Unset):
        body (ReplacePipeline): The whole desired state. Secrets that are left out stay as they
            are, and so does the owner.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Pipeline | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            key=key,
            client=client,
            body=body,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
    ).parsed
