from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.authorize_authentication import AuthorizeAuthentication


T = TypeVar("T", bound="AuthorizeContext")


@_attrs_define
class AuthorizeContext:
    """Circumstances to suppose. What is left out is no address, now, and a login of this moment without any risk.

    Attributes:
        ip (None | str | Unset): Where the request comes from. Example: 203.0.113.7.
        country (None | str | Unset): In which country that is, as two capital letters; by default what the server knows
            of `ip`. Example: DE.
        risk (int | Unset): How unusual it is; 0 when left out.
        time (datetime.datetime | None | Unset): When it is made.
        authentication (AuthorizeAuthentication | None | Unset):
    """

    ip: None | str | Unset = UNSET
    country: None | str | Unset = UNSET
    risk: int | Unset = UNSET
    time: datetime.datetime | None | Unset = UNSET
    authentication: AuthorizeAuthentication | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.authorize_authentication import AuthorizeAuthentication

        ip: None | str | Unset
        if isinstance(self.ip, Unset):
            ip = UNSET
        else:
            ip = self.ip

        country: None | str | Unset
        if isinstance(self.country, Unset):
            country = UNSET
        else:
            country = self.country

        risk = self.risk

        time: None | str | Unset
        if isinstance(self.time, Unset):
            time = UNSET
        elif isinstance(self.time, datetime.datetime):
            time = self.time.isoformat()
        else:
            time = self.time

        authentication: dict[str, Any] | None | Unset
        if isinstance(self.authentication, Unset):
            authentication = UNSET
        elif isinstance(self.authentication, AuthorizeAuthentication):
            authentication = self.authentication.to_dict()
        else:
            authentication = self.authentication

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ip is not UNSET:
            field_dict["ip"] = ip
        if country is not UNSET:
            field_dict["country"] = country
        if risk is not UNSET:
            field_dict["risk"] = risk
        if time is not UNSET:
            field_dict["time"] = time
        if authentication is not UNSET:
            field_dict["authentication"] = authentication

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.authorize_authentication import AuthorizeAuthentication

        d = dict(src_dict)

        def _parse_ip(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ip = _parse_ip(d.pop("ip", UNSET))

        def _parse_country(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        country = _parse_country(d.pop("country", UNSET))

        risk = d.pop("risk", UNSET)

        def _parse_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                time_type_0 = datetime.datetime.fromisoformat(data)

                return time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        time = _parse_time(d.pop("time", UNSET))

        def _parse_authentication(
            data: object,
        ) -> AuthorizeAuthentication | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                authentication_type_0 = AuthorizeAuthentication.from_dict(data)

                return authentication_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuthorizeAuthentication | None | Unset, data)

        authentication = _parse_authentication(d.pop("authentication", UNSET))

        authorize_context = cls(
            ip=ip,
            country=country,
            risk=risk,
            time=time,
            authentication=authentication,
        )

        return authorize_context
