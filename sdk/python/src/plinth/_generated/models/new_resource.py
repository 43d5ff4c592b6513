from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_resource_properties import NewResourceProperties
    from ..models.new_resource_spec import NewResourceSpec


T = TypeVar("T", bound="NewResource")


@_attrs_define
class NewResource:
    """A new resource.

    Attributes:
        name (str): Stays for the resource's life; unique among the org's resources of the type.
        spec (NewResourceSpec):
        properties (NewResourceProperties | Unset): Flat labels for policies, filters and bills.
        owner (None | str | Unset): Id of a member's user or of a service account; `null` for nobody. Whoever makes it
            when left out.
    """

    name: str
    spec: NewResourceSpec
    properties: NewResourceProperties | Unset = UNSET
    owner: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        spec = self.spec.to_dict()

        properties: dict[str, Any] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties.to_dict()

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "spec": spec,
            }
        )
        if properties is not UNSET:
            field_dict["properties"] = properties
        if owner is not UNSET:
            field_dict["owner"] = owner

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.new_resource_properties import NewResourceProperties
        from ..models.new_resource_spec import NewResourceSpec

        d = dict(src_dict)
        name = d.pop("name")

        spec = NewResourceSpec.from_dict(d.pop("spec"))

        _properties = d.pop("properties", UNSET)
        properties: NewResourceProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = NewResourceProperties.from_dict(_properties)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        new_resource = cls(
            name=name,
            spec=spec,
            properties=properties,
            owner=owner,
        )

        return new_resource
