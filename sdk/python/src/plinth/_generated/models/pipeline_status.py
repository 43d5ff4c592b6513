from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.pipeline_status_state import PipelineStatusState
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pipeline_status_peer import PipelineStatusPeer
    from ..models.pipeline_status_table import PipelineStatusTable


T = TypeVar("T", bound="PipelineStatus")


@_attrs_define
class PipelineStatus:
    """What the pipeline is doing, as its worker last reported it.

    Attributes:
        state (PipelineStatusState): The step that the pipeline is at.
        message (str | Unset): What happened, for a person to read; with state `failed` the error.
        hint (str | Unset): What to do about it.
        source (PipelineStatusPeer | Unset): One end of the pipeline.
        destination (PipelineStatusPeer | Unset): One end of the pipeline.
        tables (list[PipelineStatusTable] | Unset): Progress of each table.
        rows (int | Unset):
        bytes_ (int | Unset):
        rows_per_second (float | Unset):
        bytes_per_second (float | Unset):
        last_read_at (datetime.datetime | Unset): When the last row was read from the source.
        lag_secs (float | Unset): Seconds by which the destination is behind the source.
        started_at (datetime.datetime | Unset): When the current run began.
        completed_at (datetime.datetime | Unset): When everything had been copied; only for mode `snapshot`.
        restarts (int | Unset):
        observed_at (datetime.datetime | Unset): When this status was taken.
    """

    state: PipelineStatusState
    message: str | Unset = UNSET
    hint: str | Unset = UNSET
    source: PipelineStatusPeer | Unset = UNSET
    destination: PipelineStatusPeer | Unset = UNSET
    tables: list[PipelineStatusTable] | Unset = UNSET
    rows: int | Unset = UNSET
    bytes_: int | Unset = UNSET
    rows_per_second: float | Unset = UNSET
    bytes_per_second: float | Unset = UNSET
    last_read_at: datetime.datetime | Unset = UNSET
    lag_secs: float | Unset = UNSET
    started_at: datetime.datetime | Unset = UNSET
    completed_at: datetime.datetime | Unset = UNSET
    restarts: int | Unset = UNSET
    observed_at: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        state = self.state.value

        message = self.message

        hint = self.hint

        source: dict[str, Any] | Unset = UNSET
        if not isinstance(self.source, Unset):
            source = self.source.to_dict()

        destination: dict[str, Any] | Unset = UNSET
        if not isinstance(self.destination, Unset):
            destination = self.destination.to_dict()

        tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tables, Unset):
            tables = []
            for tables_item_data in self.tables:
                tables_item = tables_item_data.to_dict()
                tables.append(tables_item)

        rows = self.rows

        bytes_ = self.bytes_

        rows_per_second = self.rows_per_second

        bytes_per_second = self.bytes_per_second

        last_read_at: str | Unset = UNSET
        if not isinstance(self.last_read_at, Unset):
            last_read_at = self.last_read_at.isoformat()

        lag_secs = self.lag_secs

        started_at: str | Unset = UNSET
        if not isinstance(self.started_at, Unset):
            started_at = self.started_at.isoformat()

        completed_at: str | Unset = UNSET
        if not isinstance(self.completed_at, Unset):
            completed_at = self.completed_at.isoformat()

        restarts = self.restarts

        observed_at: str | Unset = UNSET
        if not isinstance(self.observed_at, Unset):
            observed_at = self.observed_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "state": state,
            }
        )
        if message is not UNSET:
            field_dict["message"] = message
        if hint is not UNSET:
            field_dict["hint"] = hint
        if source is not UNSET:
            field_dict["source"] = source
        if destination is not UNSET:
            field_dict["destination"] = destination
        if tables is not UNSET:
            field_dict["tables"] = tables
        if rows is not UNSET:
            field_dict["rows"] = rows
        if bytes_ is not UNSET:
            field_dict["bytes"] = bytes_
        if rows_per_second is not UNSET:
            field_dict["rows_per_second"] = rows_per_second
        if bytes_per_second is not UNSET:
            field_dict["bytes_per_second"] = bytes_per_second
        if last_read_at is not UNSET:
            field_dict["last_read_at"] = last_read_at
        if lag_secs is not UNSET:
            field_dict["lag_secs"] = lag_secs
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if completed_at is not UNSET:
            field_dict["completed_at"] = completed_at
        if restarts is not UNSET:
            field_dict["restarts"] = restarts
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.pipeline_status_peer import PipelineStatusPeer
        from ..models.pipeline_status_table import PipelineStatusTable

        d = dict(src_dict)
        state = PipelineStatusState(d.pop("state"))

        message = d.pop("message", UNSET)

        hint = d.pop("hint", UNSET)

        _source = d.pop("source", UNSET)
        source: PipelineStatusPeer | Unset
        if isinstance(_source, Unset):
            source = UNSET
        else:
            source = PipelineStatusPeer.from_dict(_source)

        _destination = d.pop("destination", UNSET)
        destination: PipelineStatusPeer | Unset
        if isinstance(_destination, Unset):
            destination = UNSET
        else:
            destination = PipelineStatusPeer.from_dict(_destination)

        _tables = d.pop("tables", UNSET)
        tables: list[PipelineStatusTable] | Unset = UNSET
        if _tables is not UNSET:
            tables = []
            for tables_item_data in _tables:
                tables_item = PipelineStatusTable.from_dict(tables_item_data)

                tables.append(tables_item)

        rows = d.pop("rows", UNSET)

        bytes_ = d.pop("bytes", UNSET)

        rows_per_second = d.pop("rows_per_second", UNSET)

        bytes_per_second = d.pop("bytes_per_second", UNSET)

        _last_read_at = d.pop("last_read_at", UNSET)
        last_read_at: datetime.datetime | Unset
        if isinstance(_last_read_at, Unset):
            last_read_at = UNSET
        else:
            last_read_at = datetime.datetime.fromisoformat(_last_read_at)

        lag_secs = d.pop("lag_secs", UNSET)

        _started_at = d.pop("started_at", UNSET)
        started_at: datetime.datetime | Unset
        if isinstance(_started_at, Unset):
            started_at = UNSET
        else:
            started_at = datetime.datetime.fromisoformat(_started_at)

        _completed_at = d.pop("completed_at", UNSET)
        completed_at: datetime.datetime | Unset
        if isinstance(_completed_at, Unset):
            completed_at = UNSET
        else:
            completed_at = datetime.datetime.fromisoformat(_completed_at)

        restarts = d.pop("restarts", UNSET)

        _observed_at = d.pop("observed_at", UNSET)
        observed_at: datetime.datetime | Unset
        if isinstance(_observed_at, Unset):
            observed_at = UNSET
        else:
            observed_at = datetime.datetime.fromisoformat(_observed_at)

        pipeline_status = cls(
            state=state,
            message=message,
            hint=hint,
            source=source,
            destination=destination,
            tables=tables,
            rows=rows,
            bytes_=bytes_,
            rows_per_second=rows_per_second,
            bytes_per_second=bytes_per_second,
            last_read_at=last_read_at,
            lag_secs=lag_secs,
            started_at=started_at,
            completed_at=completed_at,
            restarts=restarts,
            observed_at=observed_at,
        )

        return pipeline_status
