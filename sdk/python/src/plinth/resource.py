"""Resources of one type: `client.pipelines`, `client.connections`, or whatever the product calls its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from .error import WaitError
from .transport import Transport

Json = Mapping[str, Any]


class _Unsaid(Enum):
    UNSAID = "unsaid"


#: An owner that is left out. `None` is another thing: nobody.
_UNSAID = _Unsaid.UNSAID
_Owner = str | None | Literal[_Unsaid.UNSAID]


@dataclass(frozen=True)
class Resource:
    """A resource as the server shows it. `spec` is what is wanted, `status` is what is. Secrets never come back."""

    id: str
    org: str
    type: str
    name: str
    properties: dict[str, Any]
    #: Id of the user or service account that owns it, and may have left the org since.
    owner: str | None
    spec: dict[str, Any]
    status: dict[str, Any]
    #: JSON pointers into `spec` of the secrets that are set.
    secrets_set: list[str]
    #: Counts changes of the desired state.
    generation: int
    #: Counts changes by users. As `if_version` of a change it keeps you from changing what you have not seen.
    version: int
    created_at: str
    updated_at: str
    deleted_at: str | None
    #: When the reconciler had torn down what a deleted resource stood for: from then on there is no way back.
    finalized_at: str | None
    created_by: dict[str, Any]

    @classmethod
    def from_dict(cls, data: Json) -> Self:
        """From JSON; members that this version does not know are left out."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__})

    @property
    def state(self) -> str | None:
        """`status.state`, for types that have one."""
        return self.status.get("state")


class Resources:
    """All resources of one type in one org. A `key` is a name or an id."""

    def __init__(self, transport: Transport, org: str, plural: str) -> None:
        self._transport = transport
        self._events_path = f"/v1/orgs/{quote(org, safe='')}/events"
        self._path = f"/v1/orgs/{quote(org, safe='')}/{quote(plural, safe='')}"
        self.plural = plural

    def create(
        self,
        *,
        name: str,
        spec: Json,
        properties: Json | None = None,
        owner: _Owner = _UNSAID,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Resource:
        """A new resource. With `dry_run` it is checked and not kept.

        `owner` is the id of a member's user or of a service account, `None` for nobody; left out, it is yours.
        """
        body = {"name": name, "spec": spec, "properties": properties or {}, **_said(owner)}
        created = self._transport.post(self._path, body, params=_flag(dry_run=dry_run), key=idempotency_key)
        return Resource.from_dict(created)

    def get(self, key: str) -> Resource:
        """One resource."""
        return Resource.from_dict(self._transport.get(self._member(key)))

    def list(
        self,
        *,
        search: str | None = None,
        filter: str | Sequence[str] | None = None,
        sort: str | None = None,
        deleted: bool = False,
        page_size: int | None = None,
    ) -> Iterator[Resource]:
        """All that match, newest first, page after page.

        `filter` is like `properties.team=data` or `status.state!=failed`; several must all hold. `sort` is `name`,
        `created_at` or `updated_at`, with `-` before it for the reverse.
        """
        params = {"search": search, "filter": filter, "sort": sort, "limit": page_size, **_flag(deleted=deleted)}
        return (Resource.from_dict(item) for item in self._transport.page(self._path, params))

    def replace(
        self,
        key: str,
        *,
        spec: Json,
        properties: Json | None = None,
        owner: _Owner = _UNSAID,
        if_version: int | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Resource:
        """Sets the whole desired state. Secrets and an owner that are left out stay as they are."""
        body = {"spec": spec, "properties": properties or {}, **_said(owner)}
        return self._change("PUT", self._member(key), body, if_version, dry_run, idempotency_key)

    def patch(
        self,
        key: str,
        *,
        spec: Json | None = None,
        properties: Json | None = None,
        owner: _Owner = _UNSAID,
        if_version: int | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Resource:
        """A JSON Merge Patch (RFC 7396): what is given is changed. `None` inside removes a field, or the owner."""
        parts = {name: value for name, value in (("spec", spec), ("properties", properties)) if value is not None}
        body = {**parts, **_said(owner)}
        return self._change("PATCH", self._member(key), body, if_version, dry_run, idempotency_key)

    def delete(
        self,
        key: str,
        *,
        if_version: int | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Resource:
        """Deletes a resource. One that a reconciler has to tear down is gone when that is done: `wait_until_gone`."""
        return self._change("DELETE", self._member(key), None, if_version, dry_run, idempotency_key)

    def undelete(self, key: str, *, if_version: int | None = None, idempotency_key: str | None = None) -> Resource:
        """Brings back a deleted resource that is not gone yet, by its id: its name may be taken again."""
        return self._change("POST", self._member(key) + "/undelete", None, if_version, False, idempotency_key)

    def do(
        self,
        key: str,
        verb: str,
        *,
        if_version: int | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Resource:
        """Does what the type declares under this name, such as `pause`, with a permission of its own."""
        path = f"{self._member(key)}/{quote(verb, safe='')}"
        return self._change("POST", path, None, if_version, dry_run, idempotency_key)

    def ask(self, key: str, action: str) -> dict[str, Any]:
        """The data plane's answer to a question about a resource, such as `check` or `discover`."""
        path = f"{self._member(key)}/actions/{quote(action, safe='')}"
        answer: dict[str, Any] = self._transport.send("POST", path, json={}).json()
        return answer

    def wait_for(
        self,
        key: str,
        state: str | Collection[str],
        *,
        unless: str | Collection[str] = (),
        timeout_secs: float = 300.0,
    ) -> Resource:
        """Waits until `status.state` is one of `state`. Raises `WaitError` on one of `unless`, or in the end."""
        wanted, unwanted = _states(state), _states(unless)

        def reached(resource: Resource) -> bool:
            if resource.state in unwanted:
                message = resource.status.get("message", "no reason is given")
                raise WaitError(f"`{key}` is `{resource.state}`: {message}", resource)
            return resource.state in wanted

        return self._wait(
            key, f"`{key}` to be {' or '.join(f'`{name}`' for name in sorted(wanted))}", reached, timeout_secs
        )

    def wait_until_gone(self, id: str, *, timeout_secs: float = 300.0) -> None:
        """Waits until a reconciler has torn a deleted resource down. The log tells: it stays readable by its id."""
        question = {"subject": id, "operation": ["finalize", "purge"], "limit": 1}

        def torn_down(_: Resource) -> bool:
            return bool(self._transport.get(self._events_path, question)["items"])

        self._wait(id, f"`{id}` to be gone", torn_down, timeout_secs)

    def _wait(self, key: str, what: str, done: Callable[[Resource], bool], timeout_secs: float) -> Resource:
        deadline = time.monotonic() + timeout_secs
        pause = 0.1
        while True:
            resource = self.get(key)
            if done(resource):
                return resource
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitError(f"waited {timeout_secs:g} s for {what}; it is `{resource.state}`", resource)
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 2.0)

    def _member(self, key: str) -> str:
        return f"{self._path}/{quote(key, safe='')}"

    def _change(
        self,
        method: str,
        path: str,
        body: Any,
        if_version: int | None,
        dry_run: bool,
        idempotency_key: str | None,
    ) -> Resource:
        headers = {} if if_version is None else {"If-Match": f'"{if_version}"'}
        response: httpx.Response = self._transport.send(
            method, path, params=_flag(dry_run=dry_run), headers=headers, json=body, key=idempotency_key
        )
        return Resource.from_dict(response.json())


def _flag(**flags: bool) -> dict[str, str]:
    return {name: "true" for name, on in flags.items() if on}


def _said(owner: _Owner) -> dict[str, str | None]:
    return {} if owner is _UNSAID else {"owner": owner}


def _states(states: str | Collection[str]) -> set[str]:
    return {states} if isinstance(states, str) else set(states)
