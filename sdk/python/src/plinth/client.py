"""The way in."""

from __future__ import annotations

from typing import Self
from urllib.parse import quote

import httpx

from ._generated import AuthenticatedClient
from ._generated.models import Bill
from .event import Events
from .metering import Metrics, Usage
from .resource import Resources
from .service_account import ServiceAccounts
from .transport import RetryPolicy, Transport


class Client:
    """One org of one server, seen as the holder of `token`: of a session, or of a service account.

    Resources are found by their plural: `client.pipelines`, `client.connections`, or `client.resources("...")` for a
    plural that is no Python name. Safe to share between threads. Close it, or use it in a `with`.
    """

    connections: Resources
    pipelines: Resources

    def __init__(
        self,
        url: str,
        token: str,
        org: str,
        *,
        timeout_secs: float = 30.0,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._url, self._token, self._timeout = url.rstrip("/"), token, httpx.Timeout(timeout_secs)
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "plinth-python/0.1.0"}
        self._http = httpx.Client(base_url=self._url, headers=headers, timeout=self._timeout)
        self._transport = Transport(self._http, retry or RetryPolicy())
        self.org = org
        self.events = Events(self._transport, org)
        self.metrics = Metrics(self._transport, org)
        self.usage = Usage(self._transport, org)
        self.service_accounts = ServiceAccounts(self._transport, org)

    def __getattr__(self, name: str) -> Resources:
        # What starts with an underscore is asked for by Python itself, as by `copy` and `pickle`.
        if name.startswith("_"):
            raise AttributeError(name)
        return self.resources(name.replace("_", "-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def resources(self, plural: str) -> Resources:
        """The resources of the type with this plural."""
        return Resources(self._transport, self.org, plural)

    def bill(self, *, period: str | None = None, resource: str | None = None) -> Bill:
        """The bill of a month like `2026-11`, or of the current one so far; of all, or of one resource by its id."""
        path = f"/v1/orgs/{quote(self.org, safe='')}/bill"
        return Bill.from_dict(self._transport.get(path, {"period": period, "resource": resource}))

    @property
    def generated(self) -> AuthenticatedClient:
        """For what has no method here: the client of `plinth._generated.api`, with a function for each operation."""
        return AuthenticatedClient(base_url=self._url, token=self._token, timeout=self._timeout)
