"""What the fuzzer is pointed at: an org with something of each kind, a lease, and an agent that answers questions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from schemathesis import Case

from server import Account, Server

CONNECTION = {"kind": "postgres", "host": "db.example.com", "database": "shop", "user": "reader", "password": "secret"}
PIPELINE = {"source": {"connection": "shop"}, "destination": {"connection": "warehouse"}, "mode": "snapshot"}
# Concerns nobody.
POLICY = 'forbid (principal, action == Action::"org:delete", resource) when { principal.name == "nobody at all" };'
POLICY_DRAFT = {"text": POLICY, "statements": None, "version": 1}
METRIC_QUESTION = {
    "name": "lag_seconds",
    "aggregate": "rate",
    "from": "2026-11-01T00:00:00Z",
    "to": "2026-11-02T00:00:00Z",
    "bucket_secs": 3600,
    "group_by": ["resource", "table"],
    "label": ["table:orders"],
    "labels": {"table": "orders"},
}


class World:
    """Alice's org, kept in shape while it is being fuzzed."""

    def __init__(self, server: Server, owner: Account) -> None:
        self._server = server
        self._owner = owner
        # Ended by the fuzzer; made beforehand, since fuzzing the log-in locks this address out.
        self._spare = self._log_in()
        self._victim = self._log_in()
        self._base = f"/v1/orgs/{owner.org}"
        self._member = server.sign_up("dora")
        self._ids = {
            "user_id": self._join(),
            "invitation": self._create("invitations", {"email": "carol@example.com", "roles": ["viewer"]}),
            "account": self._create("service-accounts", {"name": "ci", "roles": ["developer"]}),
            "session": self._other_session(),
            "policy": self._create("policies", {"name": "quiet", "text": POLICY}),
        }
        self._policies = 1
        self._issue_token()
        self._issue_login()
        self._restore_resources()

    def known(self, method: str, path: str) -> dict[str, Any]:
        """Values that exist, by the names that path, query and body have for them."""
        # What others refer to is not deleted.
        connection = "spare" if method.upper() == "DELETE" else "shop"
        kinds = {"/invitations": "invitation", "/sessions": "session", "/policies": "policy"}
        one = next((kind for part, kind in kinds.items() if part in path), "account")
        return {
            "org": self._owner.org,
            "key": "orders" if "/pipelines" in path else connection,
            "id": self._ids[one],
            "user_id": self._ids["user_id"],
            "token_id": self._token_id,
            "login_id": self._login_id,
            "roles": ["viewer"],
            **(METRIC_QUESTION if path.endswith("/metrics/query") else {}),
            **(POLICY_DRAFT if "/policies" in path else {}),
        }

    def token_for(self, path: str) -> str:
        """The owner's token; for logging out one that nobody needs afterwards."""
        return self._spare if path == "/v1/logout" else self._owner.token

    def learn(self, case: Case[Any], status: int) -> None:
        """Brings back what the request has deleted."""
        if case.method.upper() == "DELETE" and status in (200, 202, 204):
            self._restore(case.operation.path)

    def _restore(self, path: str) -> None:
        if "/tokens/" in path:
            self._issue_token()
        elif "/sql-logins/" in path:
            self._restore_login()
        elif "/service-accounts/" in path:
            self._ids["account"] = self._create("service-accounts", {"name": "ci", "roles": ["developer"]})
            self._issue_token()
            self._issue_login()
        elif "/members/" in path:
            self._join()
        elif "/invitations/" in path:
            self._ids["invitation"] = self._create("invitations", {"email": "carol@example.com", "roles": ["viewer"]})
        elif "/policies/" in path:
            self._restore_policy()
        elif "{key}" in path:
            self._restore_resources()

    def _issue_token(self) -> None:
        account = f"service-accounts/{self._ids['account']}"
        self._token_id = self._create(f"{account}/tokens", {"name": "night"})

    def _issue_login(self) -> None:
        account = f"service-accounts/{self._ids['account']}"
        self._login_id = self._create(f"{account}/sql-logins", {"name": "night"})

    def _restore_login(self) -> None:
        # An org has few at a time, and ending one that has ended is no error.
        logins = self._get(f"{self._base}/service-accounts/{self._ids['account']}/sql-logins?limit=500").json()["items"]
        if any(login["id"] == self._login_id and login["revoked_at"] for login in logins):
            self._issue_login()

    def _restore_policy(self) -> None:
        # A dry run has deleted nothing; a name may have been given to another one.
        if self._get(f"{self._base}/policies/{self._ids['policy']}").status_code == 404:
            self._policies += 1
            name = f"quiet-{self._policies}"
            self._ids["policy"] = self._create("policies", {"name": name, "text": POLICY})

    def _restore_resources(self) -> None:
        for plural, name, spec in (
            ("connections", "shop", CONNECTION),
            ("connections", "warehouse", CONNECTION),
            ("connections", "spare", CONNECTION),
            ("pipelines", "orders", PIPELINE),
        ):
            # What is deleted but not gone yet keeps nobody from taking its name.
            if self._get(f"{self._base}/{plural}/{name}").status_code == 404:
                self._create(plural, {"name": name, "spec": spec, "properties": {"team": "data"}})

    def _create(self, plural: str, body: dict[str, Any]) -> str:
        created = self._server.request("POST", f"{self._base}/{plural}", token=self._owner.token, json=body)
        return str(created["id"])

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(self._server.url + path, headers={"Authorization": f"Bearer {self._owner.token}"}, timeout=30)

    def _log_in(self) -> str:
        body = {"email": self._owner.email, "password": self._owner.password}
        return str(self._server.request("POST", "/v1/login", json=body)["token"])

    def _other_session(self) -> str:
        sessions = self._server.request("GET", "/v1/sessions", token=self._victim)["items"]
        return str(next(session["id"] for session in sessions if session["current"]))

    def _join(self) -> str:
        """Makes Dora a member, by an invitation from the outbox."""
        member = self._member
        invitation = {"email": member.email, "roles": ["developer"]}
        self._create("invitations", invitation)
        token = self._server.mailed_token(member.email, "invite")
        self._server.request("POST", "/v1/invitations/accept", token=member.token, json={"token": token})
        return str(self._server.request("GET", "/v1/me", token=member.token)["user"]["id"])


class Lease:
    """The lease of a pipeline, taken again when the fuzzer has ended it."""

    def __init__(self, server: Server, owner: Account) -> None:
        self._server = server
        self._owner = owner
        self._base = f"/v1/orgs/{owner.org}"
        self._token: str | None = None
        self._pipeline: str | None = None
        self._made = 0
        for name in ("shop", "warehouse"):
            body = {"name": name, "spec": CONNECTION}
            server.request("POST", f"{self._base}/connections", token=owner.token, json=body)

    def token(self, path: str) -> str:
        """The token of a lease that lives, unless its time is over; to finalize, of one on what is deleted."""
        if self._token is None:
            self._token = self._take(deleted=path.endswith("/finalize"))
        return self._token

    def learn(self, status: int, path: str) -> None:
        """Forgets a lease that has ended."""
        ended = status in (401, 409) or (status == 204 and path.endswith(("/release", "/finalize")))
        if ended:
            self._token = None

    def _take(self, deleted: bool) -> str:
        # One at a time, since there is a quota.
        if self._pipeline is not None:
            self._delete(self._pipeline)
        self._made += 1
        body = {"name": f"leased-{self._made}", "spec": PIPELINE}
        created = self._server.request("POST", f"{self._base}/pipelines", token=self._owner.token, json=body)
        self._pipeline = created["id"]
        return self._claim(deleted)

    def _claim(self, deleted: bool) -> str:
        """Leases of other pipelines are left to run out: they are of no use to anybody."""
        claim = {"agent": f"fuzz-{self._made}", "types": ["pipeline"], "capacity": 100, "wait_secs": 20}
        items = self._server.request("POST", "/v1/work/claim", token=self._server.token("reconciler"), json=claim)[
            "items"
        ]
        token = next(item["lease"]["token"] for item in items if item["resource"]["id"] == self._pipeline)
        if deleted:
            self._delete(str(self._pipeline))
        return str(token)

    def _delete(self, id: str) -> None:
        self._server.request("DELETE", f"{self._base}/pipelines/{id}", token=self._owner.token)


@contextmanager
def answering_agent(server: Server) -> Iterator[None]:
    """An agent that takes each question about a connection and says that all is well."""
    ended = threading.Event()
    thread = threading.Thread(target=_answer, args=(server, ended), name="agent")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _answer(server: Server, ended: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {server.token('reconciler')}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as agent:
        claim = {"agent": "answers", "types": ["connection"], "capacity": 8, "wait_secs": 1}
        while not ended.is_set():
            for question in agent.post("/v1/work/claim-actions", json=claim).json().get("items", []):
                answer = {"token": question["token"], "result": {"ok": True}}
                agent.post(f"/v1/work/actions/{question['id']}/result", json=answer)
