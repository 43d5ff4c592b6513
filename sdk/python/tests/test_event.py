"""The event log: as a list, and as a stream over a connection that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

import plinth
from plinth.event import Frame, frames

from proxy import Proxy, before
from server import Account, Server
from work import connection

FAST = plinth.RetryPolicy(first_delay_secs=0.01)


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy that cuts when told to."""
    with before(server.url) as proxy:
        yield proxy


def logged(client: plinth.Client, subject: str, count: int) -> list[plinth.Event]:
    """The first events of a resource, when they are in the log: a moment after what they tell of."""
    with client.events.stream(after=0, subject=subject) as stream:
        return list(islice(stream, count))


def test_a_write_is_seen_with_who_did_it_and_what_changed(client: plinth.Client) -> None:
    created = client.connections.create(name="watched", spec=connection())
    client.connections.patch("watched", spec={"port": 5433})
    create, update = logged(client, created.id, 2)
    assert (create.type_, update.type_) == ("plinth.connection.create", "plinth.connection.update")
    assert (create.data.actor.type_, create.data.actor.name) == ("user", "alice")
    assert update.data.to_dict()["after"]["spec"]["port"] == 5433
    assert update.seq > create.seq


def test_a_list_of_events_goes_on_over_its_pages(client: plinth.Client) -> None:
    created = client.connections.create(name="busy", spec=connection())
    for port in range(1, 6):
        client.connections.patch("busy", spec={"port": port})
    events = logged(client, created.id, 6)
    assert [event.data.operation for event in events] == ["create"] + ["update"] * 5
    assert list(client.events.list(subject=created.id, order="asc", page_size=2)) == events
    assert list(client.events.list(subject=created.id, page_size=4)) == events[::-1]


def test_a_stream_begins_now_and_gives_what_comes(client: plinth.Client) -> None:
    with client.events.stream(kind="connection", property="run:live") as stream:
        names = ["live-1", "live-2", "live-3"]
        for name in names:
            client.connections.create(name=name, spec=connection(), properties={"run": "live"})
        assert [event.data.name for event in islice(stream, 3)] == names


def test_a_stream_resumes_after_an_event(client: plinth.Client) -> None:
    first = client.connections.create(name="early", spec=connection())
    (begin,) = logged(client, first.id, 1)
    client.connections.create(name="late", spec=connection())
    with client.events.stream(after=begin.seq, kind=["connection"], operation="create") as stream:
        assert next(stream).data.name == "late"


def test_a_stream_that_is_cut_goes_on_without_a_gap_or_a_repetition(
    client: plinth.Client, proxy: Proxy, alice: Account
) -> None:
    proxy.cut_streams = 4
    with (
        plinth.Client(proxy.url, alice.token, alice.org, retry=FAST) as remote,
        remote.events.stream(kind="connection", operation="create", property="run:cut") as stream,
    ):
        begin = stream.seq
        seen = []
        for number in range(10):
            client.connections.create(name=f"cut-{number}", spec=connection(), properties={"run": "cut"})
            seen.append(next(stream))
    assert proxy.cut_streams == 0
    assert [event.data.name for event in seen] == [f"cut-{number}" for number in range(10)]
    assert stream.seq == seen[-1].seq > begin


def test_a_stream_waits_out_a_busy_server(client: plinth.Client, proxy: Proxy, alice: Account) -> None:
    with plinth.Client(proxy.url, alice.token, alice.org, retry=FAST) as remote:
        stream = remote.events.stream(kind="connection", property="run:rush")
        proxy.refusals = [503, 429]
        client.connections.create(name="after-the-rush", spec=connection(), properties={"run": "rush"})
        assert next(stream).data.name == "after-the-rush"
        stream.close()


def test_a_stream_that_may_not_be_read_says_so(stranger: plinth.Client) -> None:
    with pytest.raises(plinth.PlinthError) as refused:
        next(stranger.events.stream(after=0))
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: 1\n\n", [Frame("message", "1")]),
        ("id: 7\nevent: change\ndata: {}\n\n", [Frame("change", "{}")]),
        ("data: a\ndata: b\n\n", [Frame("message", "a\nb")]),
        (": comment\n\n", []),
        ("data:tight\n\nevent: bookmark\ndata: 2\n\n", [Frame("message", "tight"), Frame("bookmark", "2")]),
        ("event: change\ndata: cut off", []),
    ],
)
def test_frames_are_parsed(text: str, expected: list[Frame]) -> None:
    assert list(frames(iter(text.splitlines()))) == expected
