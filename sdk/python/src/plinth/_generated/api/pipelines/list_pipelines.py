from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.pipeline_list import PipelineList
from ...models.problem_body import ProblemBody
from ...models.resource_include import ResourceInclude
from ...models.resource_sort import ResourceSort
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    *,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    sort: ResourceSort | Unset = UNSET,
    search: str | Unset = UNSET,
    filter_: list[str] | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    include: ResourceInclude | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    params["search"] = search

    json_filter_: list[str] | Unset = UNSET
    if not isinstance(filter_, Unset):
        json_filter_ = filter_

    params["filter"] = json_filter_

    params["deleted"] = deleted

    json_include: str | Unset = UNSET
    if not isinstance(include, Unset):
        json_include = include.value

    params["include"] = json_include

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/orgs/{org}/pipelines".format(
            org=quote(str(org), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PipelineList | ProblemBody | None:
    if response.status_code == 200:
        response_200 = PipelineList.from_dict(response.json())

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
) -> Response[PipelineList | ProblemBody]:
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
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    sort: ResourceSort | Unset = UNSET,
    search: str | Unset = UNSET,
    filter_: list[str] | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    include: ResourceInclude | Unset = UNSET,
) -> Response[PipelineList | ProblemBody]:
    """List pipelines

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        sort (ResourceSort | Unset):
        search (str | Unset):
        filter_ (list[str] | Unset):
        deleted (bool | Unset):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PipelineList | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        limit=limit,
        cursor=cursor,
        sort=sort,
        search=search,
        filter_=filter_,
        deleted=deleted,
        include=include,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    sort: ResourceSort | Unset = UNSET,
    search: str | Unset = UNSET,
    filter_: list[str] | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    include: ResourceInclude | Unset = UNSET,
) -> PipelineList | ProblemBody | None:
    """List pipelines

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        sort (ResourceSort | Unset):
        search (str | Unset):
        filter_ (list[str] | Unset):
        deleted (bool | Unset):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PipelineList | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        limit=limit,
        cursor=cursor,
        sort=sort,
        search=search,
        filter_=filter_,
        deleted=deleted,
        include=include,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    sort: ResourceSort | Unset = UNSET,
    search: str | Unset = UNSET,
    filter_: list[str] | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    include: ResourceInclude | Unset = UNSET,
) -> Response[PipelineList | ProblemBody]:
    """List pipelines

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        sort (ResourceSort | Unset):
        search (str | Unset):
        filter_ (list[str] | Unset):
        deleted (bool | Unset):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PipelineList | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        limit=limit,
        cursor=cursor,
        sort=sort,
        search=search,
        filter_=filter_,
        deleted=deleted,
        include=include,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    sort: ResourceSort | Unset = UNSET,
    search: str | Unset = UNSET,
    filter_: list[str] | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    include: ResourceInclude | Unset = UNSET,
) -> PipelineList | ProblemBody | None:
    """List pipelines

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        sort (ResourceSort | Unset):
        search (str | Unset):
        filter_ (list[str] | Unset):
        deleted (bool | Unset):
        include (ResourceInclude | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PipelineList | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            limit=limit,
            cursor=cursor,
            sort=sort,
            search=search,
            filter_=filter_,
            deleted=deleted,
            include=include,
        )
    ).parsed
