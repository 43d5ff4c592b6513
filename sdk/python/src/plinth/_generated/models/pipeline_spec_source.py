from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pipeline_spec_source_table import PipelineSpecSourceTable


T = TypeVar("T", bound="PipelineSpecSource")


@_attrs_define
class PipelineSpecSource:
    """Where the rows come from.

    Attributes:
        connection (str): Name of the connection to read from. To read from another one, create another pipeline.
        tables (list[PipelineSpecSourceTable] | Unset): The tables to copy. Without this field all tables of the source
            are copied.
    """

    connection: str
    tables: list[PipelineSpecSourceTable] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        connection = self.connection

        tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tables, Unset):
            tables = []
            for tables_item_data in self.tables:
                tables_item = tables_item_data.to_dict()
                tables.append(tables_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "connection": connection,
            }
        )
        if tables is not UNSET:
            field_dict["tables"] = tables

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.pipeline_spec_source_table import PipelineSpecSourceTable

        d = dict(src_dict)
        connection = d.pop("connection")

        _tables = d.pop("tables", UNSET)
        tables: list[PipelineSpecSourceTable] | Unset = UNSET
        if _tables is not UNSET:
            tables = []
            for tables_item_data in _tables:
                tables_item = PipelineSpecSourceTable.from_dict(tables_item_data)

                tables.append(tables_item)

        pipeline_spec_source = cls(
            connection=connection,
            tables=tables,
        )

        return pipeline_spec_source
