from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineSpecSourceTable")


@_attrs_define
class PipelineSpecSourceTable:
    """
    Attributes:
        name (str): Schema and table as `schema.table`; for files the file name without its extension.
        cursor (str | Unset): Column that grows with every change, such as a time of update or an ascending id. Mode
            `incremental` reads on from the greatest value that it has seen.
    """

    name: str
    cursor: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        cursor = self.cursor

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if cursor is not UNSET:
            field_dict["cursor"] = cursor

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        cursor = d.pop("cursor", UNSET)

        pipeline_spec_source_table = cls(
            name=name,
            cursor=cursor,
        )

        return pipeline_spec_source_table
