from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="NewOrgBody")


@_attrs_define
class NewOrgBody:
    """A new org.

    Attributes:
        slug (str): Stands in URLs, stays for the org's life, and nobody else has it. Example: acme.
        name (str):  Example: Acme Ltd.
    """

    slug: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        slug = self.slug

        name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "slug": slug,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        slug = d.pop("slug")

        name = d.pop("name")

        new_org_body = cls(
            slug=slug,
            name=name,
        )

        return new_org_body
