from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.own_org import OwnOrg
    from ..models.program import Program
    from ..models.user import User


T = TypeVar("T", bound="Me")


@_attrs_define
class Me:
    """Who the caller is, and where it belongs.

    Attributes:
        user (None | User):
        service_account (None | Program):
        csrf_token (None | str): For a caller with a cookie.
        orgs (list[OwnOrg]):
    """

    user: None | User
    service_account: None | Program
    csrf_token: None | str
    orgs: list[OwnOrg]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.program import Program
        from ..models.user import User

        user: dict[str, Any] | None
        if isinstance(self.user, User):
            user = self.user.to_dict()
        else:
            user = self.user

        service_account: dict[str, Any] | None
        if isinstance(self.service_account, Program):
            service_account = self.service_account.to_dict()
        else:
            service_account = self.service_account

        csrf_token: None | str
        csrf_token = self.csrf_token

        orgs = []
        for orgs_item_data in self.orgs:
            orgs_item = orgs_item_data.to_dict()
            orgs.append(orgs_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user": user,
                "service_account": service_account,
                "csrf_token": csrf_token,
                "orgs": orgs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.own_org import OwnOrg
        from ..models.program import Program
        from ..models.user import User

        d = dict(src_dict)

        def _parse_user(data: object) -> None | User:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                user_type_0 = User.from_dict(data)

                return user_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | User, data)

        user = _parse_user(d.pop("user"))

        def _parse_service_account(data: object) -> None | Program:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                service_account_type_0 = Program.from_dict(data)

                return service_account_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Program, data)

        service_account = _parse_service_account(d.pop("service_account"))

        def _parse_csrf_token(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        csrf_token = _parse_csrf_token(d.pop("csrf_token"))

        orgs = []
        _orgs = d.pop("orgs")
        for orgs_item_data in _orgs:
            orgs_item = OwnOrg.from_dict(orgs_item_data)

            orgs.append(orgs_item)

        me = cls(
            user=user,
            service_account=service_account,
            csrf_token=csrf_token,
            orgs=orgs,
        )

        me.additional_properties = d
        return me

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
