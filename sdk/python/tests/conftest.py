"""The server under test, and two strangers with an org each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import plinth

from server import Account, Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def alice(server: Server) -> Account:
    """Owner of the org `alice`."""
    return server.sign_up("alice")


@pytest.fixture(scope="session")
def bob(server: Server) -> Account:
    """Owner of the org `bob`, a stranger to Alice."""
    return server.sign_up("bob")


@pytest.fixture(scope="session")
def erin(server: Server) -> Account:
    """Owner of the org `erin`, whose pipelines are leased."""
    return server.sign_up("erin")


@pytest.fixture
def client(server: Server, alice: Account) -> Iterator[plinth.Client]:
    """Alice's client."""
    with plinth.Client(server.url, alice.token, alice.org) as client:
        yield client


@pytest.fixture
def stranger(server: Server, bob: Account) -> Iterator[plinth.Client]:
    """Bob's client, which asks for Alice's org."""
    with plinth.Client(server.url, bob.token, "alice") as client:
        yield client
