"""Metrics, usage and the bill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import plinth

from work import connection

NOW = datetime.now(UTC).replace(microsecond=0)


def test_points_come_back_aggregated(client: plinth.Client) -> None:
    measured = client.connections.create(name="measured", spec=connection())
    minute = NOW.replace(second=0) - timedelta(minutes=5)
    points = [
        {"name": "lag_seconds", "resource": measured.id, "at": minute + timedelta(seconds=number), "value": value}
        for number, value in enumerate([1.0, 2.0, 6.0])
    ]
    assert client.metrics.report(points).accepted == 3
    assert client.metrics.report(points).duplicate == 3
    (series,) = client.metrics.query(
        "lag_seconds",
        aggregate="avg",
        start=minute,
        end=minute + timedelta(minutes=1),
        bucket_secs=60,
        group_by=["resource"],
        resource=measured.id,
    )
    assert series.group.to_dict() == {"resource": measured.id}
    assert [point.value for point in series.points] == [3.0]


def test_usage_is_counted_once_and_is_on_the_bill(client: plinth.Client) -> None:
    used = client.connections.create(name="used", spec=connection())
    record = {"source": "test", "id": "1", "meter": "rows_copied", "resource": used.id, "at": NOW}
    assert client.usage.report([{**record, "quantity": Decimal("1250000")}]).accepted == 1
    assert client.usage.report([{**record, "quantity": Decimal("1250000")}]).duplicate == 1
    with pytest.raises(plinth.PlinthError, match="usage_conflict"):
        client.usage.report([{**record, "quantity": 1}])
    (listed,) = client.usage.list(resource=used.id)
    assert Decimal(listed.quantity) == 1250000
    bill = client.bill(resource=used.id)
    lines = [line for line in bill.lines if line.meter == "rows_copied"]
    assert sum(Decimal(line.quantity) for line in lines) == 1250000
    assert Decimal(bill.total) == sum(Decimal(line.amount) for line in bill.lines)


def test_a_float_is_not_a_quantity(client: plinth.Client) -> None:
    with pytest.raises(TypeError, match="not exact"):
        client.usage.report([{"source": "test", "id": "2", "meter": "rows_copied", "quantity": 0.1, "at": NOW}])


def test_a_time_without_a_zone_is_no_time(client: plinth.Client) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        list(client.usage.list(start=datetime(2026, 11, 1)))
