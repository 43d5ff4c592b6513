from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role import Role

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.service_account_attributes import ServiceAccountAttributes


T = TypeVar("T", bound="ServiceAccount")


@_attrs_define
class ServiceAccount:
    """A program's account.

    Attributes:
        id (str):
        name (str):
        roles (list[Role]):
        groups (list[str]): What policies call `Group::"<name>"`.
        attributes (ServiceAccountAttributes): Flat, like the properties of a resource.
        created_by (ActorWire): Whoever did something.
        created_at (datetime.datetime):
    """

    id: str
    name: str
    roles: list[Role]
    groups: list[str]
    attributes: ServiceAccountAttributes
    created_by: ActorWire
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        groups = self.groups

        attributes = self.attributes.to_dict()

        created_by = self.created_by.to_dict()

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "roles": roles,
                "groups": groups,
                "attributes": attributes,
                "created_by": created_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.service_account_attributes import ServiceAccountAttributes

        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = Role(roles_item_data)

            roles.append(roles_item)

        groups = cast(list[str], d.pop("groups"))

        attributes = ServiceAccountAttributes.from_dict(d.pop("attributes"))

        created_by = ActorWire.from_dict(d.pop("created_by"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        service_account = cls(
            id=id,
            name=name,
            roles=roles,
            groups=groups,
            attributes=attributes,
            created_by=created_by,
            created_at=created_at,
        )

        service_account.additional_properties = d
        return service_account

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
