import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.aggregate import Aggregate
from ...models.metric_answer import MetricAnswer
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    *,
    name: str,
    aggregate: Aggregate,
    from_: datetime.datetime,
    to: datetime.datetime,
    bucket_secs: int,
    group_by: list[str] | Unset = UNSET,
    resource: str | Unset = UNSET,
    label: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["name"] = name

    json_aggregate = aggregate.value
    params["aggregate"] = json_aggregate

    json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to = to.isoformat()
    params["to"] = json_to

    params["bucket_secs"] = bucket_secs

    json_group_by: list[str] | Unset = UNSET
    if not isinstance(group_by, Unset):
        json_group_by = group_by

    params["group_by"] = json_group_by

    params["resource"] = resource

    json_label: list[str] | Unset = UNSET
    if not isinstance(label, Unset):
        json_label = label

    params["label"] = json_label

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/orgs/{org}/metrics/query".format(
            org=quote(str(org), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MetricAnswer | ProblemBody | None:
    if response.status_code == 200:
        response_200 = MetricAnswer.from_dict(response.json())

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
) -> Response[MetricAnswer | ProblemBody]:
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
    name: str,
    aggregate: Aggregate,
    from_: datetime.datetime,
    to: datetime.datetime,
    bucket_secs: int,
    group_by: list[str] | Unset = UNSET,
    resource: str | Unset = UNSET,
    label: list[str] | Unset = UNSET,
) -> Response[MetricAnswer | ProblemBody]:
    """The same, with the question in the URL.

    Args:
        org (str):
        name (str):
        aggregate (Aggregate):
        from_ (datetime.datetime):
        to (datetime.datetime):
        bucket_secs (int):
        group_by (list[str] | Unset):
        resource (str | Unset):
        label (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricAnswer | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        name=name,
        aggregate=aggregate,
        from_=from_,
        to=to,
        bucket_secs=bucket_secs,
        group_by=group_by,
        resource=resource,
        label=label,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    name: str,
    aggregate: Aggregate,
    from_: datetime.datetime,
    to: datetime.datetime,
    bucket_secs: int,
    group_by: list[str] | Unset = UNSET,
    resource: str | Unset = UNSET,
    label: list[str] | Unset = UNSET,
) -> MetricAnswer | ProblemBody | None:
    """The same, with the question in the URL.

    Args:
        org (str):
        name (str):
        aggregate (Aggregate):
        from_ (datetime.datetime):
        to (datetime.datetime):
        bucket_secs (int):
        group_by (list[str] | Unset):
        resource (str | Unset):
        label (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricAnswer | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        name=name,
        aggregate=aggregate,
        from_=from_,
        to=to,
        bucket_secs=bucket_secs,
        group_by=group_by,
        resource=resource,
        label=label,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    name: str,
    aggregate: Aggregate,
    from_: datetime.datetime,
    to: datetime.datetime,
    bucket_secs: int,
    group_by: list[str] | Unset = UNSET,
    resource: str | Unset = UNSET,
    label: list[str] | Unset = UNSET,
) -> Response[MetricAnswer | ProblemBody]:
    """The same, with the question in the URL.

    Args:
        org (str):
        name (str):
        aggregate (Aggregate):
        from_ (datetime.datetime):
        to (datetime.datetime):
        bucket_secs (int):
        group_by (list[str] | Unset):
        resource (str | Unset):
        label (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MetricAnswer | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        name=name,
        aggregate=aggregate,
        from_=from_,
        to=to,
        bucket_secs=bucket_secs,
        group_by=group_by,
        resource=resource,
        label=label,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    name: str,
    aggregate: Aggregate,
    from_: datetime.datetime,
    to: datetime.datetime,
    bucket_secs: int,
    group_by: list[str] | Unset = UNSET,
    resource: str | Unset = UNSET,
    label: list[str] | Unset = UNSET,
) -> MetricAnswer | ProblemBody | None:
    """The same, with the question in the URL.

    Args:
        org (str):
        name (str):
        aggregate (Aggregate):
        from_ (datetime.datetime):
        to (datetime.datetime):
        bucket_secs (int):
        group_by (list[str] | Unset):
        resource (str | Unset):
        label (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MetricAnswer | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            name=name,
            aggregate=aggregate,
            from_=from_,
            to=to,
            bucket_secs=bucket_secs,
            group_by=group_by,
            resource=resource,
            label=label,
        )
    ).parsed
