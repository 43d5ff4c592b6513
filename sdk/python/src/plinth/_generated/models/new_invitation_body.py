from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="NewInvitationBody")


@_attrs_define
class NewInvitationBody:
    """Whom to invite, and which roles they get.

    Attributes:
        email (str):
        roles (list[str]):  Example: ['developer'].
    """

    email: str
    roles: list[str]

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        roles = self.roles

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "roles": roles,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        email = d.pop("email")

        roles = cast(list[str], d.pop("roles"))

        new_invitation_body = cls(
            email=email,
            roles=roles,
        )

        return new_invitation_body
