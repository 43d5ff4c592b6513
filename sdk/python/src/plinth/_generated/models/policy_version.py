from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire


T = TypeVar("T", bound="PolicyVersion")


@_attrs_define
class PolicyVersion:
    """What a policy said from a moment on.

    Attributes:
        version (int):
        name (str):
        description (str):
        text (None | str): `null` for the version that deleted the policy.
        changed_by (ActorWire): Whoever did something.
        changed_at (datetime.datetime):
    """

    version: int
    name: str
    description: str
    text: None | str
    changed_by: ActorWire
    changed_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        name = self.name

        description = self.description

        text: None | str
        text = self.text

        changed_by = self.changed_by.to_dict()

        changed_at = self.changed_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "name": name,
                "description": description,
                "text": text,
                "changed_by": changed_by,
                "changed_at": changed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire

        d = dict(src_dict)
        version = d.pop("version")

        name = d.pop("name")

        description = d.pop("description")

        def _parse_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        text = _parse_text(d.pop("text"))

        changed_by = ActorWire.from_dict(d.pop("changed_by"))

        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        policy_version = cls(
            version=version,
            name=name,
            description=description,
            text=text,
            changed_by=changed_by,
            changed_at=changed_at,
        )

        policy_version.additional_properties = d
        return policy_version

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
