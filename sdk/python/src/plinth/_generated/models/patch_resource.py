from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.patch_resource_properties import PatchResourceProperties
    from ..models.patch_resource_spec import PatchResourceSpec


T = TypeVar("T", bound="PatchResource")


@_attrs_define
class PatchResource:
    """A JSON Merge Patch (RFC 7396): `null` removes a field.

    Attributes:
        owner (None | str | Unset): Id of a member's user or of a service account.
        properties (PatchResourceProperties | Unset):
        spec (PatchResourceSpec | Unset):
    """

    owner: None | str | Unset = UNSET
    properties: PatchResourceProperties | Unset = UNSET
    spec: PatchResourceSpec | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        properties: dict[str, Any] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties.to_dict()

        spec: dict[str, Any] | Unset = UNSET
        if not isinstance(self.spec, Unset):
            spec = self.spec.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if owner is not UNSET:
            field_dict["owner"] = owner
        if properties is not UNSET:
            field_dict["properties"] = properties
        if spec is not UNSET:
            field_dict["spec"] = spec

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.patch_resource_properties import PatchResourceProperties
        from ..models.patch_resource_spec import PatchResourceSpec

        d = dict(src_dict)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        _properties = d.pop("properties", UNSET)
        properties: PatchResourceProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = PatchResourceProperties.from_dict(_properties)

        _spec = d.pop("spec", UNSET)
        spec: PatchResourceSpec | Unset
        if isinstance(_spec, Unset):
            spec = UNSET
        else:
            spec = PatchResourceSpec.from_dict(_spec)

        patch_resource = cls(
            owner=owner,
            properties=properties,
            spec=spec,
        )

        return patch_resource
