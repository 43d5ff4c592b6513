from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.authorize_draft_properties import AuthorizeDraftProperties
    from ..models.authorize_draft_spec import AuthorizeDraftSpec


T = TypeVar("T", bound="AuthorizeDraft")


@_attrs_define
class AuthorizeDraft:
    """A resource that does not exist yet, or what one would become. What is left out is empty, or stays as it is.

    Attributes:
        name (str | Unset):
        properties (AuthorizeDraftProperties | Unset): All of its properties.
        owner (None | str | Unset): Id of a user or service account, or `null` for nobody. Left out of what does not
            exist yet: who asks, or is asked
            about.
        spec (AuthorizeDraftSpec | Unset): All of its desired state.
    """

    name: str | Unset = UNSET
    properties: AuthorizeDraftProperties | Unset = UNSET
    owner: None | str | Unset = UNSET
    spec: AuthorizeDraftSpec | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        properties: dict[str, Any] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties.to_dict()

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        spec: dict[str, Any] | Unset = UNSET
        if not isinstance(self.spec, Unset):
            spec = self.spec.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if properties is not UNSET:
            field_dict["properties"] = properties
        if owner is not UNSET:
            field_dict["owner"] = owner
        if spec is not UNSET:
            field_dict["spec"] = spec

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.authorize_draft_properties import AuthorizeDraftProperties
        from ..models.authorize_draft_spec import AuthorizeDraftSpec

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        _properties = d.pop("properties", UNSET)
        properties: AuthorizeDraftProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = AuthorizeDraftProperties.from_dict(_properties)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        _spec = d.pop("spec", UNSET)
        spec: AuthorizeDraftSpec | Unset
        if isinstance(_spec, Unset):
            spec = UNSET
        else:
            spec = AuthorizeDraftSpec.from_dict(_spec)

        authorize_draft = cls(
            name=name,
            properties=properties,
            owner=owner,
            spec=spec,
        )

        return authorize_draft
