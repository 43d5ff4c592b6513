from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.files import Files
    from ..models.new_connection_properties import NewConnectionProperties
    from ..models.postgre_sql import PostgreSQL


T = TypeVar("T", bound="NewConnection")


@_attrs_define
class NewConnection:
    """A new resource.

    Attributes:
        name (str): Stays for the resource's life; unique among the org's resources of the type.
        spec (Files | PostgreSQL): How to reach one system. The `kind` decides which fields there are.
        properties (NewConnectionProperties | Unset): Flat labels for policies, filters and bills.
        owner (None | str | Unset): Id of a member's user or of a service account; `null` for nobody. Whoever makes it
            when left out.
    """

    name: str
    spec: Files | PostgreSQL
    properties: NewConnectionProperties | Unset = UNSET
    owner: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.postgre_sql import PostgreSQL

        name = self.name

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
        from ..models.files import Files
        from ..models.new_connection_properties import NewConnectionProperties
        from ..models.postgre_sql import PostgreSQL

        d = dict(src_dict)
        name = d.pop("name")

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
        properties: NewConnectionProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = NewConnectionProperties.from_dict(_properties)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        new_connection = cls(
            name=name,
            spec=spec,
            properties=properties,
            owner=owner,
        )

        return new_connection
