"""Accounts of programs, and their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from ._generated.models import IssuedWire, ServiceAccount, Token
from .transport import Transport


class ServiceAccounts:
    """The service accounts of the org."""

    def __init__(self, transport: Transport, org: str) -> None:
        self._transport = transport
        self._path = f"/v1/orgs/{quote(org, safe='')}/service-accounts"

    def create(self, *, name: str, roles: Sequence[str]) -> ServiceAccount:
        """A new account with roles of `owner`, `admin`, `developer`, `viewer` and `billing`."""
        return ServiceAccount.from_dict(self._transport.post(self._path, {"name": name, "roles": list(roles)}))

    def get(self, id: str) -> ServiceAccount:
        """One account."""
        return ServiceAccount.from_dict(self._transport.get(self._one(id)))

    def list(self) -> Iterator[ServiceAccount]:
        """All accounts."""
        return (ServiceAccount.from_dict(item) for item in self._transport.page(self._path))

    def update(self, id: str, *, roles: Sequence[str]) -> ServiceAccount:
        """Sets the roles; they hold at once for all tokens."""
        response = self._transport.send("PATCH", self._one(id), json={"roles": list(roles)})
        return ServiceAccount.from_dict(response.json())

    def delete(self, id: str) -> None:
        """Deletes the account; its tokens end."""
        self._transport.send("DELETE", self._one(id))

    def create_token(self, id: str, *, name: str, expires_in_secs: int | None = None) -> IssuedWire:
        """A new token, 90 days when not said otherwise. This is the only time that its text is seen: `.token`."""
        body = {"name": name} | ({} if expires_in_secs is None else {"expires_in_secs": expires_in_secs})
        return IssuedWire.from_dict(self._transport.post(f"{self._one(id)}/tokens", body))

    def list_tokens(self, id: str) -> Iterator[Token]:
        """All tokens of an account, without their text."""
        return (Token.from_dict(item) for item in self._transport.page(f"{self._one(id)}/tokens"))

    def revoke_token(self, id: str, token_id: str) -> None:
        """Ends a token."""
        self._transport.send("DELETE", f"{self._one(id)}/tokens/{quote(token_id, safe='')}")

    def _one(self, id: str) -> str:
        return f"{self._path}/{quote(id, safe='')}"
