from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.role import Role

T = TypeVar("T", bound="NewServiceAccountBody")


@_attrs_define
class NewServiceAccountBody:
    """A new service account.

    Attributes:
        name (str): Stays for the account's life; unique in the org. Example: ci.
        roles (list[Role]):  Example: ['developer'].
    """

    name: str
    roles: list[Role]

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.value
            roles.append(roles_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "roles": roles,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = Role(roles_item_data)

            roles.append(roles_item)

        new_service_account_body = cls(
            name=name,
            roles=roles,
        )

        return new_service_account_body
