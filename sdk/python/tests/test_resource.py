"""Resources: their whole life through the SDK, against a real server."""

from __future__ import annotations

import uuid

import pytest

import plinth

from server import Server
from work import Reconciler, connection, pipeline


@pytest.fixture
def connections(client: plinth.Client) -> tuple[str, str]:
    """Two connections for a pipeline between them."""
    names = (f"from-{uuid.uuid4().hex[:8]}", f"to-{uuid.uuid4().hex[:8]}")
    for name in names:
        client.connections.create(name=name, spec=connection())
    return names


@pytest.fixture
def created(client: plinth.Client, connections: tuple[str, str]) -> plinth.Resource:
    """A pipeline that nobody works on yet."""
    return client.pipelines.create(name=f"copy-{uuid.uuid4().hex[:8]}", spec=pipeline(*connections))


def test_a_resource_is_created_and_read_back_by_name_and_by_id(client: plinth.Client) -> None:
    created = client.connections.create(name="billing-db", spec=connection(), properties={"team": "billing"})
    assert created.type == "connection"
    assert created.properties == {"team": "billing"}
    assert created.version == 1
    assert client.connections.get("billing-db") == created
    assert client.connections.get(created.id) == created


def test_a_secret_goes_in_and_never_comes_out(client: plinth.Client) -> None:
    created = client.connections.create(name="with-secret", spec=connection(password="hunter2"))
    assert created.secrets_set == ["/password"]
    assert "password" not in created.spec


def test_a_list_goes_on_over_its_pages(client: plinth.Client) -> None:
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        client.connections.create(name=name, spec=connection())
    found = client.connections.list(search="paged-", sort="name", page_size=2)
    assert [resource.name for resource in found] == names


def test_filters_must_all_hold(client: plinth.Client) -> None:
    for name, team, tier in (("f-one", "ops", "gold"), ("f-two", "ops", "tin"), ("f-three", "web", "gold")):
        client.connections.create(name=name, spec=connection(), properties={"team": team, "tier": tier})
    found = client.connections.list(filter=["properties.team=ops", "properties.tier!=tin"])
    assert [resource.name for resource in found] == ["f-one"]


def test_replace_sets_the_whole_and_patch_a_part(client: plinth.Client) -> None:
    client.connections.create(name="changed", spec=connection(), properties={"team": "data"})
    patched = client.connections.patch("changed", spec={"port": 6543})
    assert (patched.spec["port"], patched.properties, patched.version) == (6543, {"team": "data"}, 2)
    replaced = client.connections.replace("changed", spec=connection())
    assert replaced.properties == {}
    assert replaced.spec.get("port") != 6543
    removed = client.connections.patch("changed", properties={"team": None})
    assert removed.properties == {}


def test_an_owner_stays_until_another_one_or_nobody_is_written(client: plinth.Client) -> None:
    created = client.connections.create(name="owned", spec=connection())
    assert created.owner == created.created_by["id"]
    account = client.service_accounts.create(name="owner-of-one", roles=["viewer"])
    assert client.connections.patch("owned", owner=account.id).owner == account.id
    assert client.connections.replace("owned", spec=connection()).owner == account.id
    assert client.connections.replace("owned", spec=connection(), owner=created.owner).owner == created.owner
    assert client.connections.patch("owned", owner=None).owner is None
    assert client.connections.create(name="unowned", spec=connection(), owner=None).owner is None
    with pytest.raises(plinth.PlinthError) as refused:
        client.connections.patch("owned", owner="sa_nobody")
    assert [error.pointer for error in refused.value.errors] == ["/owner"]


def test_a_version_that_has_changed_is_not_overwritten(client: plinth.Client) -> None:
    seen = client.connections.create(name="contended", spec=connection())
    client.connections.patch("contended", spec={"port": 1111}, if_version=seen.version)
    with pytest.raises(plinth.PlinthError) as refused:
        client.connections.patch("contended", spec={"port": 2222}, if_version=seen.version)
    assert (refused.value.code, refused.value.status) == ("version_mismatch", 412)
    assert client.connections.get("contended").spec["port"] == 1111


def test_a_verb_does_what_the_type_declares(client: plinth.Client, created: plinth.Resource) -> None:
    paused = client.pipelines.do(created.name, "pause", if_version=created.version)
    assert (paused.spec["paused"], paused.version) == (True, 2)
    assert client.pipelines.do(created.name, "resume").spec["paused"] is False
    with pytest.raises(plinth.PlinthError) as refused:
        client.pipelines.do(created.name, "explode")
    assert refused.value.code == "not_found"


def test_a_dry_run_checks_and_keeps_nothing(client: plinth.Client) -> None:
    assert client.connections.create(name="rehearsed", spec=connection(), dry_run=True).name == "rehearsed"
    with pytest.raises(plinth.PlinthError, match="not_found"):
        client.connections.get("rehearsed")


def test_what_is_wrong_is_said_field_by_field(client: plinth.Client) -> None:
    with pytest.raises(plinth.PlinthError) as refused:
        client.connections.create(name="wrong", spec={**connection(), "port": 99999})
    error = refused.value
    assert (error.code, error.status) == ("validation_failed", 422)
    assert [field.pointer for field in error.errors] == ["/spec/port"]
    assert error.request_id and error.request_id in str(error)


def test_what_others_use_is_not_deleted_and_they_are_named(
    client: plinth.Client, created: plinth.Resource, connections: tuple[str, str]
) -> None:
    with pytest.raises(plinth.PlinthError) as refused:
        client.connections.delete(connections[0])
    assert refused.value.code == "conflict"
    assert [offender["name"] for offender in refused.value.problem["offenders"]] == [created.name]


def test_a_stranger_sees_nothing(client: plinth.Client, stranger: plinth.Client) -> None:
    client.connections.create(name="private", spec=connection())
    for attempt in (
        lambda: stranger.connections.get("private"),
        lambda: list(stranger.connections.list()),
        lambda: stranger.connections.delete("private"),
        lambda: stranger.bill(),
    ):
        with pytest.raises(plinth.PlinthError) as refused:
            attempt()
        assert refused.value.status == 404


def test_wait_for_ends_when_the_reconciler_reports_the_state(
    server: Server, client: plinth.Client, created: plinth.Resource
) -> None:
    with Reconciler(server, {created.name: {"state": "streaming"}}):
        reached = client.pipelines.wait_for(created.name, {"streaming", "completed"}, timeout_secs=60)
    assert reached.state == "streaming"


def test_wait_for_gives_up_on_a_state_that_it_was_told_of(
    server: Server, client: plinth.Client, created: plinth.Resource
) -> None:
    with (
        Reconciler(server, {created.name: {"state": "failed", "message": "no such table `orders`"}}),
        pytest.raises(plinth.WaitError, match="no such table `orders`") as ended,
    ):
        client.pipelines.wait_for(created.name, "completed", unless="failed", timeout_secs=60)
    assert ended.value.resource.state == "failed"


def test_wait_for_ends_in_time(client: plinth.Client, created: plinth.Resource) -> None:
    with pytest.raises(plinth.WaitError, match=r"waited 0\.2 s"):
        client.pipelines.wait_for(created.name, "completed", timeout_secs=0.2)


def test_a_deleted_resource_comes_back_or_goes_for_good(
    server: Server, client: plinth.Client, created: plinth.Resource
) -> None:
    assert client.pipelines.delete(created.name).deleted_at is not None
    assert created.id in [resource.id for resource in client.pipelines.list(deleted=True)]
    assert client.pipelines.undelete(created.id).deleted_at is None
    client.pipelines.delete(created.name)
    with Reconciler(server, {created.name: None}):
        client.pipelines.wait_until_gone(created.id, timeout_secs=60)


def test_an_unknown_plural_is_not_found(client: plinth.Client) -> None:
    with pytest.raises(plinth.PlinthError, match="not_found"):
        client.unicorns.get("one")
