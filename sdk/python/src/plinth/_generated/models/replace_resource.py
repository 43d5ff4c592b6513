from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_resource_properties import ReplaceResourceProperties
    from ..models.replace_resource_spec import ReplaceResourceSpec


T = TypeVar("T", bound="ReplaceResource")


@_attrs_define
class ReplaceResource:
    """The whole desired state. Secrets that are left out stay as they are, and so does the owner.

    Attributes:
        spec (ReplaceResourceSpec):
        properties (ReplaceResourceProperties | Unset):
        owner (None | str | Unset): Id of a member's user or of a service account; `null` for nobody.
        name (None | str | Unset): Must be the resource's own name when given: names do not change.
    """

    spec: ReplaceResourceSpec
    properties: ReplaceResourceProperties | Unset = UNSET
    owner: None | str | Unset = UNSET
    name: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        spec = self.spec.to_dict()

        properties: dict[str, Any] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties.to_dict()

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "spec": spec,
            }
        )
        if properties is not UNSET:
            field_dict["properties"] = properties
        if owner is not UNSET:
            field_dict["owner"] = owner
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_resource_properties import ReplaceResourceProperties
        from ..models.replace_resource_spec import ReplaceResourceSpec

        d = dict(src_dict)
        spec = ReplaceResourceSpec.from_dict(d.pop("spec"))

        _properties = d.pop("properties", UNSET)
        properties: ReplaceResourceProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = ReplaceResourceProperties.from_dict(_properties)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        replace_resource = cls(
            spec=spec,
            properties=properties,
            owner=owner,
            name=name,
        )

        return replace_resource
