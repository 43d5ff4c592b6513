from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.connection_properties import ConnectionProperties
    from ..models.connection_status import ConnectionStatus
    from ..models.files import Files
    from ..models.postgre_sql import PostgreSQL


T = TypeVar("T", bound="Connection")


@_attrs_define
class Connection:
    """Where data comes from or goes to: a PostgreSQL database, or a folder of files. A connection is described once and
    used by any number of pipelines.

        Attributes:
            id (str):
            org (str):
            type_ (Literal['connection']):
            name (str):
            properties (ConnectionProperties):
            owner (None | str): Id of the user or service account that owns it, and may have left the org since; `null` for
                nobody. Example: user_01m82x10m4erxvdpr5ze0zh8pp.
            spec (Files | PostgreSQL): How to reach one system. The `kind` decides which fields there are.
            status (ConnectionStatus): A connection has no status of its own; the actions `check` and `discover` ask the
                system itself.
            secrets_set (list[str]): JSON pointers into `spec` of the secrets that are set.
            generation (int): Counts changes of the desired state.
            observed_generation (int): The generation that `status` speaks of.
            version (int): Counts changes by users; the ETag.
            created_at (datetime.datetime):
            updated_at (datetime.datetime):
            deleted_at (datetime.datetime | None):
            finalized_at (datetime.datetime | None): When the reconciler had torn down what a deleted resource stood for:
                from then on there is no way back.
            created_by (ActorWire): Whoever did something.
            field_actions (list[str] | Unset): What the caller may do to it: `view`, `update`, `pause` ...; only when asked
                for by `include=actions`.
    """

    id: str
    org: str
    type_: Literal["connection"]
    name: str
    properties: ConnectionProperties
    owner: None | str
    spec: Files | PostgreSQL
    status: ConnectionStatus
    secrets_set: list[str]
    generation: int
    observed_generation: int
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    deleted_at: datetime.datetime | None
    finalized_at: datetime.datetime | None
    created_by: ActorWire
    field_actions: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.postgre_sql import PostgreSQL

        id = self.id

        org = self.org

        type_ = self.type_

        name = self.name

        properties = self.properties.to_dict()

        owner: None | str
        owner = self.owner

        spec: dict[str, Any]
        if isinstance(self.spec, PostgreSQL):
            spec = self.spec.to_dict()
        else:
            spec = self.spec.to_dict()

        status = self.status.to_dict()

        secrets_set = self.secrets_set

        generation = self.generation

        observed_generation = self.observed_generation

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        deleted_at: None | str
        if isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        finalized_at: None | str
        if isinstance(self.finalized_at, datetime.datetime):
            finalized_at = self.finalized_at.isoformat()
        else:
            finalized_at = self.finalized_at

        created_by = self.created_by.to_dict()

        field_actions: list[str] | Unset = UNSET
        if not isinstance(self.field_actions, Unset):
            field_actions = self.field_actions

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "org": org,
                "type": type_,
                "name": name,
                "properties": properties,
                "owner": owner,
                "spec": spec,
                "status": status,
                "secrets_set": secrets_set,
                "generation": generation,
                "observed_generation": observed_generation,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
                "deleted_at": deleted_at,
                "finalized_at": finalized_at,
                "created_by": created_by,
            }
        )
        if field_actions is not UNSET:
            field_dict["_actions"] = field_actions

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.connection_properties import ConnectionProperties
        from ..models.connection_status import ConnectionStatus
        from ..models.files import Files
        from ..models.postgre_sql import PostgreSQL

        d = dict(src_dict)
        id = d.pop("id")

        org = d.pop("org")

        type_ = cast(Literal["connection"], d.pop("type"))
        if type_ != "connection":
            raise ValueError(f"type must match const 'connection', got '{type_}'")

        name = d.pop("name")

        properties = ConnectionProperties.from_dict(d.pop("properties"))

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

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

        status = ConnectionStatus.from_dict(d.pop("status"))

        secrets_set = cast(list[str], d.pop("secrets_set"))

        generation = d.pop("generation")

        observed_generation = d.pop("observed_generation")

        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_deleted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deleted_at = _parse_deleted_at(d.pop("deleted_at"))

        def _parse_finalized_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finalized_at_type_0 = datetime.datetime.fromisoformat(data)

                return finalized_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finalized_at = _parse_finalized_at(d.pop("finalized_at"))

        created_by = ActorWire.from_dict(d.pop("created_by"))

        field_actions = cast(list[str], d.pop("_actions", UNSET))

        connection = cls(
            id=id,
            org=org,
            type_=type_,
            name=name,
            properties=properties,
            owner=owner,
            spec=spec,
            status=status,
            secrets_set=secrets_set,
            generation=generation,
            observed_generation=observed_generation,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            deleted_at=deleted_at,
            finalized_at=finalized_at,
            created_by=created_by,
            field_actions=field_actions,
        )

        connection.additional_properties = d
        return connection

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
