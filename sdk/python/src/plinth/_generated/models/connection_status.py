from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ConnectionStatus")


@_attrs_define
class ConnectionStatus:
    """A connection has no status of its own; the actions `check` and `discover` ask the system itself."""

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        connection_status = cls()

        return connection_status
