"""One HTTP exchange: authorization, retries, idempotency keys, problems. Knows no resource."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from .error import PlinthError

Params = Mapping[str, Any]

#: Refusals that say "later": nothing was done.
_LATER = (429, 503)


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try again, and how long to wait in between when the server does not say."""

    max_retries: int = 4
    first_delay_secs: float = 0.25
    #: Also the longest `Retry-After` that is waited for; the error is raised for a longer one.
    max_delay_secs: float = 30.0

    def delay_secs(self, attempt: int, retry_after: str | None = None) -> float:
        """Before the attempt after this one (from 0). A delay of our own is drawn at random, so that clients spread."""
        if retry_after is not None and retry_after.isdecimal():
            return float(retry_after)
        longest = min(self.max_delay_secs, self.first_delay_secs * 2.0**attempt)
        return random.uniform(longest / 2, longest)


class Transport:
    """Sends requests to one server as one caller. Safe to share between threads."""

    def __init__(self, http: httpx.Client, retry: RetryPolicy) -> None:
        self._http = http
        self._retry = retry

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON of a read."""
        return self._json(self.send("GET", path, params=params))

    def post(self, path: str, body: Any, *, params: Params | None = None, key: str | None = None) -> Any:
        """The JSON of a write."""
        return self._json(self.send("POST", path, params=params, json=body, key=key))

    def page(self, path: str, params: Params | None = None) -> Iterator[dict[str, Any]]:
        """The items of all pages of a list, each page asked for when it is needed."""
        cursor = None
        while True:
            page = self.get(path, {**(params or {}), "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        key: str | None = None,
    ) -> httpx.Response:
        """One request; tried again while the server is busy and after a failure of the network.

        All tries of a change carry one `Idempotency-Key`, so that it happens once whatever its method: a repeat gets
        the answer that was lost, also where `If-Match` would no longer hold.

        Raises `PlinthError` for a refusal, `httpx.TransportError` when there is no answer.
        """
        if method != "GET":
            headers = {**(headers or {}), "Idempotency-Key": key or str(uuid.uuid4())}
        request = {"params": _present(params), "headers": headers, "json": json}
        attempt = 0
        while True:
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError:
                if attempt >= self._retry.max_retries:
                    raise
                delay = self._retry.delay_secs(attempt)
            else:
                if response.is_success:
                    return response
                delay = self._retry.delay_secs(attempt, response.headers.get("retry-after"))
                exhausted = attempt >= self._retry.max_retries or delay > self._retry.max_delay_secs
                if response.status_code not in _LATER or exhausted:
                    raise PlinthError.of(response)
            time.sleep(delay)
            attempt += 1

    @contextmanager
    def stream(
        self, path: str, params: Params, headers: Mapping[str, str], read_secs: float
    ) -> Iterator[httpx.Response]:
        """An answer that goes on; not tried again here."""
        timeout = httpx.Timeout(self._http.timeout.connect, read=read_secs)
        with self._http.stream("GET", path, params=_present(params), headers=headers, timeout=timeout) as response:
            if not response.is_success:
                response.read()
                raise PlinthError.of(response)
            yield response

    @property
    def retry(self) -> RetryPolicy:
        """The policy, for those who reconnect by themselves."""
        return self._retry

    @staticmethod
    def _json(response: httpx.Response) -> Any:
        return response.json() if response.content else None


def _present(params: Params | None) -> dict[str, Any]:
    return {name: value for name, value in (params or {}).items() if value is not None}
