from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.event_kind import EventKind
from ...models.event_operation import EventOperation
from ...models.list_event import ListEvent
from ...models.list_events_order import ListEventsOrder
from ...models.problem_body import ProblemBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    org: str,
    *,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    order: ListEventsOrder | Unset = UNSET,
    after: int | Unset = UNSET,
    kind: list[EventKind] | Unset = UNSET,
    subject: str | Unset = UNSET,
    operation: list[EventOperation] | Unset = UNSET,
    actor: str | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order.value

    params["order"] = json_order

    params["after"] = after

    json_kind: list[str] | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = []
        for kind_item_data in kind:
            kind_item = kind_item_data.value
            json_kind.append(kind_item)

    params["kind"] = json_kind

    params["subject"] = subject

    json_operation: list[str] | Unset = UNSET
    if not isinstance(operation, Unset):
        json_operation = []
        for operation_item_data in operation:
            operation_item = operation_item_data.value
            json_operation.append(operation_item)

    params["operation"] = json_operation

    params["actor"] = actor

    json_property_: list[str] | Unset = UNSET
    if not isinstance(property_, Unset):
        json_property_ = property_

    params["property"] = json_property_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/orgs/{org}/events".format(
            org=quote(str(org), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListEvent | ProblemBody | None:
    if response.status_code == 200:
        response_200 = ListEvent.from_dict(response.json())

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
) -> Response[ListEvent | ProblemBody]:
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
    order: ListEventsOrder | Unset = UNSET,
    after: int | Unset = UNSET,
    kind: list[EventKind] | Unset = UNSET,
    subject: str | Unset = UNSET,
    operation: list[EventOperation] | Unset = UNSET,
    actor: str | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Response[ListEvent | ProblemBody]:
    """The log, newest first; as a stream when the request accepts `text/event-stream`: it begins after
    `Last-Event-ID` or
    `after`, else with what comes next.

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        order (ListEventsOrder | Unset):
        after (int | Unset):
        kind (list[EventKind] | Unset):
        subject (str | Unset):
        operation (list[EventOperation] | Unset):
        actor (str | Unset):
        property_ (list[str] | Unset):
        last_event_id (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListEvent | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        limit=limit,
        cursor=cursor,
        order=order,
        after=after,
        kind=kind,
        subject=subject,
        operation=operation,
        actor=actor,
        property_=property_,
        last_event_id=last_event_id,
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
    order: ListEventsOrder | Unset = UNSET,
    after: int | Unset = UNSET,
    kind: list[EventKind] | Unset = UNSET,
    subject: str | Unset = UNSET,
    operation: list[EventOperation] | Unset = UNSET,
    actor: str | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> ListEvent | ProblemBody | None:
    """The log, newest first; as a stream when the request accepts `text/event-stream`: it begins after
    `Last-Event-ID` or
    `after`, else with what comes next.

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        order (ListEventsOrder | Unset):
        after (int | Unset):
        kind (list[EventKind] | Unset):
        subject (str | Unset):
        operation (list[EventOperation] | Unset):
        actor (str | Unset):
        property_ (list[str] | Unset):
        last_event_id (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListEvent | ProblemBody
    """

    return sync_detailed(
        org=org,
        client=client,
        limit=limit,
        cursor=cursor,
        order=order,
        after=after,
        kind=kind,
        subject=subject,
        operation=operation,
        actor=actor,
        property_=property_,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    order: ListEventsOrder | Unset = UNSET,
    after: int | Unset = UNSET,
    kind: list[EventKind] | Unset = UNSET,
    subject: str | Unset = UNSET,
    operation: list[EventOperation] | Unset = UNSET,
    actor: str | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Response[ListEvent | ProblemBody]:
    """The log, newest first; as a stream when the request accepts `text/event-stream`: it begins after
    `Last-Event-ID` or
    `after`, else with what comes next.

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        order (ListEventsOrder | Unset):
        after (int | Unset):
        kind (list[EventKind] | Unset):
        subject (str | Unset):
        operation (list[EventOperation] | Unset):
        actor (str | Unset):
        property_ (list[str] | Unset):
        last_event_id (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListEvent | ProblemBody]
    """

    kwargs = _get_kwargs(
        org=org,
        limit=limit,
        cursor=cursor,
        order=order,
        after=after,
        kind=kind,
        subject=subject,
        operation=operation,
        actor=actor,
        property_=property_,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    org: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    order: ListEventsOrder | Unset = UNSET,
    after: int | Unset = UNSET,
    kind: list[EventKind] | Unset = UNSET,
    subject: str | Unset = UNSET,
    operation: list[EventOperation] | Unset = UNSET,
    actor: str | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> ListEvent | ProblemBody | None:
    """The log, newest first; as a stream when the request accepts `text/event-stream`: it begins after
    `Last-Event-ID` or
    `after`, else with what comes next.

    Args:
        org (str):
        limit (int | Unset):
        cursor (str | Unset):
        order (ListEventsOrder | Unset):
        after (int | Unset):
        kind (list[EventKind] | Unset):
        subject (str | Unset):
        operation (list[EventOperation] | Unset):
        actor (str | Unset):
        property_ (list[str] | Unset):
        last_event_id (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListEvent | ProblemBody
    """

    return (
        await asyncio_detailed(
            org=org,
            client=client,
            limit=limit,
            cursor=cursor,
            order=order,
            after=after,
            kind=kind,
            subject=subject,
            operation=operation,
            actor=actor,
            property_=property_,
            last_event_id=last_event_id,
        )
    ).parsed
