"""The event log of an org: as a list, and as a stream that goes on where it was cut."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

from ._generated.models import Event
from .error import PlinthError
from .transport import Transport

Names = str | Sequence[str]

#: The server says something every 15 seconds; a connection on which it has not for this long is dead.
_SILENCE_SECS = 45.0


@dataclass(frozen=True)
class Frame:
    """One Server-Sent Event."""

    event: str
    data: str


def frames(lines: Iterator[str]) -> Iterator[Frame]:
    """Parses an event stream (HTML, section 9.2.6), as far as Plinth uses it. A frame that was cut off is left out."""
    event = "message"
    data: list[str] = []
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Frame(event, "\n".join(data))
            event, data = "message", []
        elif field == "event":
            event = value
        elif field == "data":
            data.append(value)


class EventStream:
    """An endless iterator of events in order, none twice and none left out, whatever happens to the connection.

    `seq` is the place up to which the log has been seen: keep it to go on there another day, as `after`.
    """

    def __init__(self, transport: Transport, path: str, params: dict[str, Any], after: int) -> None:
        self._transport = transport
        self._path = path
        self._params = params
        self._iterator: Iterator[Event] | None = None
        self.seq = after

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        if self._iterator is None:
            self._iterator = self._events()
        return next(self._iterator)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream, and with it the connection."""
        if self._iterator is not None:
            self._iterator.close()  # type: ignore[attr-defined]  # a generator, by `_events`

    def _events(self) -> Iterator[Event]:
        failures = 0
        while True:
            before = self.seq
            try:
                yield from self._connection()
                failures = 0 if self.seq > before else failures + 1
            except httpx.TransportError:
                failures = 0 if self.seq > before else failures + 1
            except PlinthError as error:
                if error.status not in (429, 503):
                    raise
                failures += 1
            time.sleep(self._transport.retry.delay_secs(min(failures, 10)))

    def _connection(self) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.seq)}
        with self._transport.stream(self._path, self._params, headers, _SILENCE_SECS) as response:
            for frame in frames(response.iter_lines()):
                if frame.event == "reconnect":
                    return
                content = json.loads(frame.data)
                if frame.event == "change":
                    self.seq = content["seq"]
                    yield Event.from_dict(content)
                elif frame.event == "bookmark":
                    self.seq = max(self.seq, content["seq"])


class Events:
    """What changed in the org, who did it, and when: CloudEvents, each with the state before and after."""

    def __init__(self, transport: Transport, org: str) -> None:
        self._transport = transport
        self._path = f"/v1/orgs/{quote(org, safe='')}/events"

    def list(
        self,
        *,
        after: int | None = None,
        order: str = "desc",
        kind: Names | None = None,
        operation: Names | None = None,
        subject: str | None = None,
        actor: str | None = None,
        property: Names | None = None,
        page_size: int | None = None,
    ) -> Iterator[Event]:
        """All events that match, page after page; the newest first unless `order` is `asc`.

        `kind` is a resource type, or `org`, `member`, `invitation`, `service_account`, `token`, `sql_login`,
        `policy`; `subject` and `actor` are ids; `property` is like `team:data`.
        """
        params = _filter(kind, operation, subject, actor, property)
        params |= {"after": after, "order": order, "limit": page_size}
        return (Event.from_dict(item) for item in self._transport.page(self._path, params))

    def stream(
        self,
        *,
        after: int | None = None,
        kind: Names | None = None,
        operation: Names | None = None,
        subject: str | None = None,
        actor: str | None = None,
        property: Names | None = None,
    ) -> EventStream:
        """Events as they happen: those after the one with the `seq` `after`, else those from now on."""
        if after is None:
            newest = next(self.list(page_size=1), None)
            after = newest.seq if newest else 0
        return EventStream(self._transport, self._path, _filter(kind, operation, subject, actor, property), after)


def _filter(
    kind: Names | None, operation: Names | None, subject: str | None, actor: str | None, property: Names | None
) -> dict[str, Any]:
    return {"kind": kind, "operation": operation, "subject": subject, "actor": actor, "property": property}
