from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role import Role

if TYPE_CHECKING:
    from ..models.member_attributes import MemberAttributes


T = TypeVar("T", bound="Member")


@_attrs_define
class Member:
    """A user in an org.

    Attributes:
        user_id (str):
        email (str):
        name (str):
        roles (list[Role]):
        groups (list[str]): What policies call `Group::"<name>"`.
        attributes (MemberAttributes): Flat, like the properties of a resource.
        created_at (datetime.datetime):
    """

    user_id: str
    email: str
    name: str
    roles: list[Role]
    groups: list[str]
    attributes: MemberAttributes
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        email = self.email

        name = self.name

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        groups = self.groups

        attributes = self.attributes.to_dict()

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "email": email,
                "name": name,
                "roles": roles,
                "groups": groups,
                "attributes": attributes,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.member_attributes import MemberAttributes

        d = dict(src_dict)
        user_id = d.pop("user_id")

        email = d.pop("email")

        name = d.pop("name")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = Role(roles_item_data)

            roles.append(roles_item)

        groups = cast(list[str], d.pop("groups"))

        attributes = MemberAttributes.from_dict(d.pop("attributes"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        member = cls(
            user_id=user_id,
            email=email,
            name=name,
            roles=roles,
            groups=groups,
            attributes=attributes,
            created_at=created_at,
        )

        member.additional_properties = d
        return member

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
