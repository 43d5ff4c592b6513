from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.pipeline_status_table_state import PipelineStatusTableState
from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineStatusTable")


@_attrs_define
class PipelineStatusTable:
    """
    Attributes:
        name (str):
        state (PipelineStatusTableState):
        rows (int):
        bytes_ (int):
        rows_total (int | Unset):
        last_read_at (datetime.datetime | Unset): When the last row was read from this table.
        cursor (str | Unset): Greatest value of the cursor column that has been written.
    """

    name: str
    state: PipelineStatusTableState
    rows: int
    bytes_: int
    rows_total: int | Unset = UNSET
    last_read_at: datetime.datetime | Unset = UNSET
    cursor: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        state = self.state.value

        rows = self.rows

        bytes_ = self.bytes_

        rows_total = self.rows_total

        last_read_at: str | Unset = UNSET
        if not isinstance(self.last_read_at, Unset):
            last_read_at = self.last_read_at.isoformat()

        cursor = self.cursor

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "state": state,
                "rows": rows,
                "bytes": bytes_,
            }
        )
        if rows_total is not UNSET:
            field_dict["rows_total"] = rows_total
        if last_read_at is not UNSET:
            field_dict["last_read_at"] = last_read_at
        if cursor is not UNSET:
            field_dict["cursor"] = cursor

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        state = PipelineStatusTableState(d.pop("state"))

        rows = d.pop("rows")

        bytes_ = d.pop("bytes")

        rows_total = d.pop("rows_total", UNSET)

        _last_read_at = d.pop("last_read_at", UNSET)
        last_read_at: datetime.datetime | Unset
        if isinstance(_last_read_at, Unset):
            last_read_at = UNSET
        else:
            last_read_at = datetime.datetime.fromisoformat(_last_read_at)

        cursor = d.pop("cursor", UNSET)

        pipeline_status_table = cls(
            name=name,
            state=state,
            rows=rows,
            bytes_=bytes_,
            rows_total=rows_total,
            last_read_at=last_read_at,
            cursor=cursor,
        )

        return pipeline_status_table
