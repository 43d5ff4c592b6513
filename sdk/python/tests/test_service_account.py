"""Accounts of programs, and what their tokens may do."""

from __future__ import annotations

import pytest

import plinth

from server import Account, Server
from work import connection


def test_a_token_does_what_its_roles_allow_until_it_is_revoked(
    server: Server, client: plinth.Client, alice: Account
) -> None:
    account = client.service_accounts.create(name="deploys", roles=["developer"])
    token = client.service_accounts.create_token(account.id, name="ci", expires_in_secs=3600)
    with plinth.Client(server.url, token.token, alice.org) as program:
        created = program.connections.create(name="by-a-program", spec=connection())
        assert created.created_by["type"] == "service_account"
        client.service_accounts.update(account.id, roles=["viewer"])
        with pytest.raises(plinth.PlinthError, match="forbidden"):
            program.connections.delete("by-a-program")
        assert [listed.id for listed in client.service_accounts.list_tokens(account.id)] == [token.id]
        client.service_accounts.revoke_token(account.id, token.id)
        with pytest.raises(plinth.PlinthError, match="unauthenticated"):
            program.connections.get("by-a-program")


def test_a_deleted_account_is_gone(client: plinth.Client) -> None:
    account = client.service_accounts.create(name="short-lived", roles=["viewer"])
    assert client.service_accounts.get(account.id).name == "short-lived"
    client.service_accounts.delete(account.id)
    assert account.id not in [listed.id for listed in client.service_accounts.list()]
