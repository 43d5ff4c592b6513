from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.files import Files
    from ..models.postgre_sql import PostgreSQL


T = TypeVar("T", bound="ConnectionQuestion")


@_attrs_define
class ConnectionQuestion:
    """What a question about a draft is about.

    Attributes:
        spec (Files | PostgreSQL): How to reach one system. The `kind` decides which fields there are.
    """

    spec: Files | PostgreSQL

    def to_dict(self) -> dict[str, Any]:
        from ..models.postgre_sql import PostgreSQL

        spec: dict[str, Any]
        if isinstance(self.spec, PostgreSQL):
            spec = self.spec.to_dict()
        else:
            spec = self.spec.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "spec": spec,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.files import Files
        from ..models.postgre_sql import PostgreSQL

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

        connection_question = cls(
            spec=spec,
        )

        return connection_question
