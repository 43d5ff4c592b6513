from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PipelineStatusPeer")


@_attrs_define
class PipelineStatusPeer:
    """One end of the pipeline.

    Attributes:
        connected (bool):
        server (str | Unset): What the other side says it is.
    """

    connected: bool
    server: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        connected = self.connected

        server = self.server

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "connected": connected,
            }
        )
        if server is not UNSET:
            field_dict["server"] = server

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        connected = d.pop("connected")

        server = d.pop("server", UNSET)

        pipeline_status_peer = cls(
            connected=connected,
            server=server,
        )

        return pipeline_status_peer
