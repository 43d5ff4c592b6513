from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.postgre_sqltls import PostgreSQLTLS
from ..types import UNSET, Unset

T = TypeVar("T", bound="PostgreSQL")


@_attrs_define
class PostgreSQL:
    """A PostgreSQL database, version 13 or later, or a service that speaks its protocol.

    Attributes:
        kind (Literal['postgres']):
        host (str): Name or address of the server, as seen from the workers.
        database (str): Name of the database on the server.
        user (str): Role to log in as. A source needs `select` on the tables, a destination `create` on the database or
            its schema.
        port (int | Unset): TCP port of the server. Default: 5432.
        password (str | Unset): Kept encrypted and never shown again. Leave it out for a server that asks for none.
        tls (PostgreSQLTLS | Unset): As in PostgreSQL's `sslmode`. `verify-full` wants a certificate for this host from
            a trusted authority, `verify-ca` one for any host, `require` encrypts and verifies nobody, `prefer` encrypts
            where the server offers it, `disable` never does. Default: PostgreSQLTLS.PREFER.
        ca_certificate (str | Unset): Certificate of the authority that issued the server's, in PEM, for an authority of
            your own. Leave it out for a server with a publicly trusted certificate.
    """

    kind: Literal["postgres"]
    host: str
    database: str
    user: str
    port: int | Unset = 5432
    password: str | Unset = UNSET
    tls: PostgreSQLTLS | Unset = PostgreSQLTLS.PREFER
    ca_certificate: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        host = self.host

        database = self.database

        user = self.user

        port = self.port

        password = self.password

        tls: str | Unset = UNSET
        if not isinstance(self.tls, Unset):
            tls = self.tls.value

        ca_certificate = self.ca_certificate

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "host": host,
                "database": database,
                "user": user,
            }
        )
        if port is not UNSET:
            field_dict["port"] = port
        if password is not UNSET:
            field_dict["password"] = password
        if tls is not UNSET:
            field_dict["tls"] = tls
        if ca_certificate is not UNSET:
            field_dict["ca_certificate"] = ca_certificate

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kind = cast(Literal["postgres"], d.pop("kind"))
        if kind != "postgres":
            raise ValueError(f"kind must match const 'postgres', got '{kind}'")

        host = d.pop("host")

        database = d.pop("database")

        user = d.pop("user")

        port = d.pop("port", UNSET)

        password = d.pop("password", UNSET)

        _tls = d.pop("tls", UNSET)
        tls: PostgreSQLTLS | Unset
        if isinstance(_tls, Unset):
            tls = UNSET
        else:
            tls = PostgreSQLTLS(_tls)

        ca_certificate = d.pop("ca_certificate", UNSET)

        postgre_sql = cls(
            kind=kind,
            host=host,
            database=database,
            user=user,
            port=port,
            password=password,
            tls=tls,
            ca_certificate=ca_certificate,
        )

        return postgre_sql
