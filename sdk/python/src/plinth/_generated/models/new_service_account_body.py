from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.role import Role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_service_account_body_attributes import (
        NewServiceAccountBodyAttributes,
    )


T = TypeVar("T", bound="NewServiceAccountBody")


@_attrs_define
class NewServiceAccountBody:
    """A new service account.

    Attributes:
        name (str): Stays for the account's life; unique in the org. Example: ci.
        roles (list[Role]):  Example: ['developer'].
        groups (list[str] | Unset): What policies call `Group::"<name>"`, at most 50.
        attributes (NewServiceAccountBodyAttributes | Unset): Flat, like the properties of a resource.
    """

    name: str
    roles: list[Role]
    groups: list[str] | Unset = UNSET
    attributes: NewServiceAccountBodyAttributes | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        groups: list[str] | Unset = UNSET
        if not isinstance(self.groups, Unset):
            groups = self.groups

        attributes: dict[str, Any] | Unset = UNSET
        if not isinstance(self.attributes, Unset):
            attributes = self.attributes.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "roles": roles,
            }
        )
        if groups is not UNSET:
            field_dict["groups"] = groups
        if attributes is not UNSET:
            field_dict["attributes"] = attributes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.new_service_account_body_attributes import (
            NewServiceAccountBodyAttributes,
        )

        d = dict(src_dict)
        name = d.pop("name")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = Role(roles_item_data)

            roles.append(roles_item)

        groups = cast(list[str], d.pop("groups", UNSET))

        _attributes = d.pop("attributes", UNSET)
        attributes: NewServiceAccountBodyAttributes | Unset
        if isinstance(_attributes, Unset):
            attributes = UNSET
        else:
            attributes = NewServiceAccountBodyAttributes.from_dict(_attributes)

        new_service_account_body = cls(
            name=name,
            roles=roles,
            groups=groups,
            attributes=attributes,
        )

        return new_service_account_body
