from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="NewServiceAccountBody")


@_attrs_define
class NewServiceAccountBody:
    """A new service account.

    Attributes:
        name (str): Stays for the account's life; unique in the org. Example: ci.
        roles (list[str]):  Example: ['developer'].
    """

    name: str
    roles: list[str]

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        roles = self.roles

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

        roles = cast(list[str], d.pop("roles"))

        new_service_account_body = cls(
            name=name,
            roles=roles,
        )

        return new_service_account_body
