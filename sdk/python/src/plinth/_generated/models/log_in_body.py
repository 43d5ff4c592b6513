from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.session_kind_wire import SessionKindWire
from ..types import UNSET, Unset

T = TypeVar("T", bound="LogInBody")


@_attrs_define
class LogInBody:
    """
    Attributes:
        email (str):
        password (str):
        session (SessionKindWire | Unset): How the session's secret is handed over: in the body, or as a cookie that
            scripts cannot read.
    """

    email: str
    password: str
    session: SessionKindWire | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        password = self.password

        session: str | Unset = UNSET
        if not isinstance(self.session, Unset):
            session = self.session.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
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

        password = d.pop("password")

        _session = d.pop("session", UNSET)
        session: SessionKindWire | Unset
        if isinstance(_session, Unset):
            session = UNSET
        else:
            session = SessionKindWire(_session)

        log_in_body = cls(
            email=email,
            password=password,
            session=session,
        )

        return log_in_body
