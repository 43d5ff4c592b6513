from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.files import Files
    from ..models.postgre_sql import PostgreSQL
    from ..models.replace_connection_properties import ReplaceConnectionProperties


T = TypeVar("T", bound="ReplaceConnection")


@_attrs_define
class ReplaceConnection:
    """The whole desired state. Secrets that are left out stay as they are, and so does the owner.

    Attributes:
        spec (Files | PostgreSQL): How to reach one system. The `kind` decides which fields there are.
        properties (ReplaceConnectionProperties | Unset):
        owner (None | str | Unset): Id of a member's user or of a service account; `null` for nobody.
        name (None | str | Unset): Must be the resource's own name when given: names do not change.
    """

    spec: Files | PostgreSQL
    properties: ReplaceConnectionProperties | Unset = UNSET
    owner: None | str | Unset = UNSET
    name: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.postgre_sql import PostgreSQL

        spec: dict[str, Any]
        if isinstance(self.spec, PostgreSQL):
            spec = self.spec.to_dict()
        else:
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
        from ..models.files import Files
        from ..models.postgre_sql import PostgreSQL
        from ..models.replace_connection_properties import ReplaceConnectionProperties

        d = dict(src_dict)

        def _parse_spec(data: object) -> Files | PostgreSQL:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_connection_spec_postgre_sql = PostgreSQL.from_dict(
                    data
                )

                return componentsschemas_connection_spec_postgre_sql
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            componentsschemas_connection_spec_files = Files.from_dict(data)

            return componentsschemas_connection_spec_files

        spec = _parse_spec(d.pop("spec"))

        _properties = d.pop("properties", UNSET)
        properties: ReplaceConnectionProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = ReplaceConnectionProperties.from_dict(_properties)

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

        replace_connection = cls(
            spec=spec,
            properties=properties,
            owner=owner,
            name=name,
        )

        return replace_connection
