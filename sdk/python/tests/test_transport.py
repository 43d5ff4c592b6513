"""Retries and idempotency keys, over a network that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import httpx
import pytest

import plinth

from proxy import Proxy, before
from server import Account, Server
from work import connection

FAST = plinth.RetryPolicy(max_retries=3, first_delay_secs=0.01)


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy that fails when told to."""
    with before(server.url) as proxy:
        yield proxy


@pytest.fixture
def remote(proxy: Proxy, alice: Account) -> Iterator[plinth.Client]:
    """Alice's client behind the proxy."""
    with plinth.Client(proxy.url, alice.token, alice.org, retry=FAST) as remote:
        yield remote


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(remote: plinth.Client, proxy: Proxy, status: int) -> None:
    proxy.refusals = [status, status]
    created = remote.connections.create(name=f"busy-{status}", spec=connection())
    assert created.name == f"busy-{status}"
    keys = [headers["idempotency-key"] for headers in proxy.seen]
    assert len(keys) == 3 and len(set(keys)) == 1


def test_a_server_that_stays_busy_is_left_alone(remote: plinth.Client, proxy: Proxy) -> None:
    proxy.refusals = [503] * 10
    with pytest.raises(plinth.PlinthError) as refused:
        remote.connections.get("anything")
    assert refused.value.status == 503
    assert len(proxy.seen) == 1 + FAST.max_retries


def test_a_create_whose_answer_was_lost_happens_once(
    remote: plinth.Client, client: plinth.Client, proxy: Proxy
) -> None:
    proxy.lost_answers = 2
    created = remote.connections.create(name="once", spec=connection())
    assert len(proxy.seen) == 3
    assert [resource.id for resource in client.connections.list(search="once")] == [created.id]
    client.connections.patch("once", spec={"port": 7777})
    with client.events.stream(after=0, subject=created.id) as stream:
        assert [event.data.operation for event in islice(stream, 2)] == ["create", "update"]


def test_each_change_whose_answer_was_lost_happens_once(
    remote: plinth.Client, client: plinth.Client, proxy: Proxy
) -> None:
    created = client.connections.create(name="unclear", spec=connection())
    spec = {**connection(), "port": 7778}
    # Each with the version that it is about: a repeat that did its work anew would be refused.
    changes: list[Callable[[int], plinth.Resource]] = [
        lambda version: remote.connections.patch("unclear", spec={"port": 7777}, if_version=version),
        lambda version: remote.connections.replace("unclear", spec=spec, if_version=version),
        lambda version: remote.connections.delete("unclear", if_version=version),
        lambda version: remote.connections.undelete(created.id, if_version=version),
    ]
    version = created.version
    for change in changes:
        proxy.seen.clear()
        proxy.lost_answers = 1
        changed = change(version)
        keys = [headers["idempotency-key"] for headers in proxy.seen]
        assert len(keys) == 2 and len(set(keys)) == 1
        assert changed.version == version + 1
        version = changed.version
    assert client.connections.get("unclear").version == version
    with client.events.stream(after=0, subject=created.id) as stream:
        operations = [event.data.operation for event in islice(stream, 5)]
    assert operations == ["create", "update", "update", "delete", "undelete"]


def test_changes_of_service_accounts_carry_a_key_too(
    remote: plinth.Client, client: plinth.Client, proxy: Proxy
) -> None:
    account = client.service_accounts.create(name="unclear", roles=["viewer"])
    proxy.lost_answers = 1
    assert remote.service_accounts.update(account.id, roles=["developer"]).roles == ["developer"]
    # Without its key the repeat would find nothing to delete.
    proxy.lost_answers = 1
    remote.service_accounts.delete(account.id)
    keys = [headers["idempotency-key"] for headers in proxy.seen]
    assert len(keys) == 4 and len(set(keys)) == 2


def test_a_key_of_the_callers_own_is_used_and_not_for_something_else(client: plinth.Client) -> None:
    first = client.connections.create(name="keyed", spec=connection(), idempotency_key="deploy-7")
    assert client.connections.create(name="keyed", spec=connection(), idempotency_key="deploy-7").id == first.id
    with pytest.raises(plinth.PlinthError, match="idempotency_key_reused"):
        client.connections.create(name="other", spec=connection(), idempotency_key="deploy-7")
    with pytest.raises(plinth.PlinthError, match="idempotency_key_reused"):
        client.connections.patch("keyed", spec={"port": 7777}, idempotency_key="deploy-7")


def test_a_refusal_is_not_repeated(remote: plinth.Client, proxy: Proxy) -> None:
    with pytest.raises(plinth.PlinthError, match="not_found"):
        remote.connections.get("nothing-here")
    assert len(proxy.seen) == 1


def test_what_is_no_problem_document_is_an_error_too() -> None:
    error = plinth.PlinthError.of(httpx.Response(502, text="<html>Bad gateway</html>"))
    assert (error.code, error.status) == ("unknown", 502)
    assert "Bad gateway" in error.detail


def test_a_wrong_token_is_unauthenticated(server: Server) -> None:
    with (
        plinth.Client(server.url, "plinth_ses_wrong", "alice") as client,
        pytest.raises(plinth.PlinthError, match="unauthenticated"),
    ):
        client.bill()


@pytest.mark.parametrize(
    ("attempt", "retry_after", "least", "most"),
    [(0, None, 0.125, 0.25), (3, None, 1.0, 2.0), (20, None, 15.0, 30.0), (0, "7", 7.0, 7.0), (0, "soon", 0.125, 0.25)],
)
def test_delays_grow_up_to_a_limit_and_follow_the_server(
    attempt: int, retry_after: str | None, least: float, most: float
) -> None:
    assert least <= plinth.RetryPolicy().delay_secs(attempt, retry_after) <= most
