"""Metrics and usage, in and out. Quantities are exact: `decimal.Decimal` or decimal text, never a float."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ._generated.models import Ingested, MetricSeries, UsageRecord
from .transport import Transport

Time = datetime | str


def time_text(at: Time | None) -> str | None:
    """RFC 3339. A time without a zone names no moment."""
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError(f"`{at}` has no time zone: use `datetime.now(UTC)` or the like")
        return at.isoformat()
    return at


class Metrics:
    """Measurements of resources."""

    def __init__(self, transport: Transport, org: str) -> None:
        self._transport = transport
        self._path = f"/v1/orgs/{quote(org, safe='')}/metrics"

    def report(self, points: Iterable[Mapping[str, Any]]) -> Ingested:
        """Takes points `{name, resource, at, value, labels?}`, all or none; says how many were there already."""
        body = {"points": [{**point, "at": time_text(point["at"])} for point in points]}
        return Ingested.from_dict(self._transport.post(self._path, body))

    def query(
        self,
        name: str,
        *,
        aggregate: str,
        start: Time,
        end: Time,
        bucket_secs: int,
        group_by: Sequence[str] = (),
        resource: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> list[MetricSeries]:
        """One series for each group, from `start` inclusive to `end` exclusive.

        `aggregate` is `sum`, `avg`, `min`, `max`, `p95`, `last` or `rate`.
        """
        question: dict[str, Any] = {"name": name, "aggregate": aggregate, "bucket_secs": bucket_secs}
        question |= {"from": time_text(start), "to": time_text(end), "group_by": list(group_by)}
        question |= {"labels": dict(labels or {})} | ({"resource": resource} if resource else {})
        answer = self._transport.post(f"{self._path}/query", question)
        return [MetricSeries.from_dict(series) for series in answer["series"]]


class Usage:
    """What the bill is made of: records, each counted once."""

    def __init__(self, transport: Transport, org: str) -> None:
        self._transport = transport
        self._path = f"/v1/orgs/{quote(org, safe='')}/usage"

    def report(self, records: Iterable[Mapping[str, Any]]) -> Ingested:
        """Takes records `{source, id, meter, resource?, quantity, at, properties?}`, all or none.

        A record that comes again is counted as a duplicate; one with the same `id` that says something else raises
        `usage_conflict`.
        """
        body = {"records": [_exact(record) for record in records]}
        return Ingested.from_dict(self._transport.post(self._path, body))

    def list(
        self,
        *,
        meter: str | None = None,
        resource: str | None = None,
        start: Time | None = None,
        end: Time | None = None,
        page_size: int | None = None,
    ) -> Iterator[UsageRecord]:
        """The records that match, page after page."""
        params = {
            "meter": meter,
            "resource": resource,
            "from": time_text(start),
            "to": time_text(end),
            "limit": page_size,
        }
        return (UsageRecord.from_dict(item) for item in self._transport.page(self._path, params))


def _exact(record: Mapping[str, Any]) -> dict[str, Any]:
    quantity = record["quantity"]
    if not isinstance(quantity, str | int | Decimal):
        raise TypeError(f"`{quantity}` is not exact: give a quantity as Decimal, int or text")
    text = format(quantity, "f") if isinstance(quantity, Decimal) else str(quantity)
    return {**record, "quantity": text, "at": time_text(record["at"])}
