from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.pipeline_spec_destination_format import PipelineSpecDestinationFormat
from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineSpecDestination")


@_attrs_define
class PipelineSpecDestination:
    """Where the rows go. Missing tables and files are created.

    Attributes:
        connection (str): Name of the connection to write to. To write to another one, create another pipeline.
        schema (str | Unset): Schema of the destination database that gets the tables; for files, the folder below the
            connection's own. Without this field the tables keep the schema of their source.
        format_ (PipelineSpecDestinationFormat | Unset): Format of the files to write, when it is not the connection's
            own. Only for connections of kind `files`.
    """

    connection: str
    schema: str | Unset = UNSET
    format_: PipelineSpecDestinationFormat | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        connection = self.connection

        schema = self.schema

        format_: str | Unset = UNSET
        if not isinstance(self.format_, Unset):
            format_ = self.format_.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "connection": connection,
            }
        )
        if schema is not UNSET:
            field_dict["schema"] = schema
        if format_ is not UNSET:
            field_dict["format"] = format_

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        connection = d.pop("connection")

        schema = d.pop("schema", UNSET)

        _format_ = d.pop("format", UNSET)
        format_: PipelineSpecDestinationFormat | Unset
        if isinstance(_format_, Unset):
            format_ = UNSET
        else:
            format_ = PipelineSpecDestinationFormat(_format_)

        pipeline_spec_destination = cls(
            connection=connection,
            schema=schema,
            format_=format_,
        )

        return pipeline_spec_destination
