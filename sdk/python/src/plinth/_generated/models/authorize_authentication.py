from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AuthorizeAuthentication")


@_attrs_define
class AuthorizeAuthentication:
    """A login, or the making of a token.

    Attributes:
        age_secs (int | Unset): Seconds since then.
        strength (int | Unset): 1 for a password or a token, up to 3.
    """

    age_secs: int | Unset = UNSET
    strength: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        age_secs = self.age_secs

        strength = self.strength

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if age_secs is not UNSET:
            field_dict["age_secs"] = age_secs
        if strength is not UNSET:
            field_dict["strength"] = strength

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        age_secs = d.pop("age_secs", UNSET)

        strength = d.pop("strength", UNSET)

        authorize_authentication = cls(
            age_secs=age_secs,
            strength=strength,
        )

        return authorize_authentication
