from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.files_format import FilesFormat

T = TypeVar("T", bound="Files")


@_attrs_define
class Files:
    """A folder of CSV or Parquet files on a disk that the workers can reach. Each file is one table.

    Attributes:
        kind (Literal['files']):
        directory (str): Path of the folder, within the folder of files that your organization has for itself on the
            workers. It does not begin with `/` and may not contain `.` or `..` as a step.
        format_ (FilesFormat): Format of the files in the folder.
    """

    kind: Literal["files"]
    directory: str
    format_: FilesFormat

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        directory = self.directory

        format_ = self.format_.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "directory": directory,
                "format": format_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kind = cast(Literal["files"], d.pop("kind"))
        if kind != "files":
            raise ValueError(f"kind must match const 'files', got '{kind}'")

        directory = d.pop("directory")

        format_ = FilesFormat(d.pop("format"))

        files = cls(
            kind=kind,
            directory=directory,
            format_=format_,
        )

        return files
