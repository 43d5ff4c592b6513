from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.session_kind_wire import SessionKindWire

T = TypeVar("T", bound="OwnSession")


@_attrs_define
class OwnSession:
    """
    Attributes:
        id (str):
        kind (SessionKindWire): How the session's secret is handed over: in the body, or as a cookie that scripts cannot
            read.
        address (str): Where it began.
        user_agent (str):
        current (bool): The one that this request came with.
        created_at (str):
        expires_at (str):
    """

    id: str
    kind: SessionKindWire
    address: str
    user_agent: str
    current: bool
    created_at: str
    expires_at: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        kind = self.kind.value

        address = self.address

        user_agent = self.user_agent

        current = self.current

        created_at = self.created_at

        expires_at = self.expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "address": address,
                "user_agent": user_agent,
                "current": current,
                "created_at": created_at,
                "expires_at": expires_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        kind = SessionKindWire(d.pop("kind"))

        address = d.pop("address")

        user_agent = d.pop("user_agent")

        current = d.pop("current")

        created_at = d.pop("created_at")

        expires_at = d.pop("expires_at")

        own_session = cls(
            id=id,
            kind=kind,
            address=address,
            user_agent=user_agent,
            current=current,
            created_at=created_at,
            expires_at=expires_at,
        )

        own_session.additional_properties = d
        return own_session

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
