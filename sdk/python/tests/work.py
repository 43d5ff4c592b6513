"""The other side: specs to create, and a reconciler that reports what a test tells it to."""

from __future__ import annotations

import threading
from typing import Any, Self

import httpx

from server import Server


def connection(password: str = "secret") -> dict[str, Any]:
    """A spec of a connection."""
    return {"kind": "postgres", "host": "db.example.com", "database": "shop", "user": "reader", "password": password}


def pipeline(source: str, destination: str) -> dict[str, Any]:
    """A spec of a pipeline between two connections."""
    return {"source": {"connection": source}, "destination": {"connection": destination}, "mode": "snapshot"}


class Reconciler:
    """Claims pipelines as the worker does, and reports the status that it has for a name; with `None` it finalizes."""

    def __init__(self, server: Server, orders: dict[str, dict[str, Any] | None]) -> None:
        self._http = httpx.Client(base_url=server.url, timeout=60)
        self._token = server.token("reconciler")
        self._orders = orders
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._http.close()

    def _run(self) -> None:
        claim = {"agent": "sdk-tests", "types": ["pipeline"], "capacity": 50, "wait_secs": 1}
        while not self._ended.is_set():
            for item in self._call("POST", "/v1/work/claim", self._token, claim)["items"]:
                self._work(item["resource"], item["lease"]["token"])

    def _work(self, resource: dict[str, Any], lease: str) -> None:
        observed = {"observed_generation": resource["generation"]}
        if resource["name"] not in self._orders:
            self._call("POST", "/v1/work/self/release", lease, {**observed, "outcome": "retry", "retry_after_secs": 1})
            return
        status = self._orders[resource["name"]]
        if status is None:
            self._call("POST", "/v1/work/self/finalize", lease, {})
            return
        self._call("PUT", "/v1/work/self/status", lease, {**observed, "status": status})
        self._call("POST", "/v1/work/self/release", lease, {**observed, "outcome": "done"})

    def _call(self, method: str, path: str, token: str, body: Any) -> Any:
        answer = self._http.request(method, path, headers={"Authorization": f"Bearer {token}"}, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None
