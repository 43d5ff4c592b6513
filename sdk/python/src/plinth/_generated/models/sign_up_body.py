from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.session_kind_wire import SessionKindWire
from ..types import UNSET, Unset

T = TypeVar("T", bound="SignUpBody")


@_attrs_define
class SignUpBody:
    """
    Attributes:
        email (str):
        name (str):
        password (str):
        session (SessionKindWire | Unset): How the session's secret is handed over: in the body, or as a cookie that
            scripts cannot read.
    """

    email: str
    name: str
    password: str
    session: SessionKindWire | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        password = self.password

        session: str | Unset = UNSET
        if not isinstance(self.session, Unset):
            session = self.session.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "name": name,
                "password": password,
            }
        )
        if session is not UNSET:
            field_dict["session"] = session

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        password = d.pop("password")

        _session = d.pop("session", UNSET)
        session: SessionKindWire | Unset
        if isinstance(_session, Unset):
            session = UNSET
        else:
            session = SessionKindWire(_session)

        sign_up_body = cls(
            email=email,
            name=name,
            password=password,
            session=session,
        )

        return sign_up_body
