from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.role import Role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.service_account_patch_attributes_type_0 import (
        ServiceAccountPatchAttributesType0,
    )


T = TypeVar("T", bound="ServiceAccountPatch")


@_attrs_define
class ServiceAccountPatch:
    """What to change of a service account.

    Attributes:
        roles (list[Role] | None | Unset): The roles that the account and its tokens have from now on.
        groups (list[str] | None | Unset): The groups that the account is in from now on, at most 50.
        attributes (None | ServiceAccountPatchAttributesType0 | Unset): The attributes that the account has from now on.
    """

    roles: list[Role] | None | Unset = UNSET
    groups: list[str] | None | Unset = UNSET
    attributes: None | ServiceAccountPatchAttributesType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.service_account_patch_attributes_type_0 import (
            ServiceAccountPatchAttributesType0,
        )

        roles: list[str] | None | Unset
        if isinstance(self.roles, Unset):
            roles = UNSET
        elif isinstance(self.roles, list):
            roles = []
            for roles_type_0_item_data in self.roles:
                roles_type_0_item = roles_type_0_item_data.value
                roles.append(roles_type_0_item)

        else:
            roles = self.roles

        groups: list[str] | None | Unset
        if isinstance(self.groups, Unset):
            groups = UNSET
        elif isinstance(self.groups, list):
            groups = self.groups

        else:
            groups = self.groups

        attributes: dict[str, Any] | None | Unset
        if isinstance(self.attributes, Unset):
            attributes = UNSET
        elif isinstance(self.attributes, ServiceAccountPatchAttributesType0):
            attributes = self.attributes.to_dict()
        else:
            attributes = self.attributes

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if roles is not UNSET:
            field_dict["roles"] = roles
        if groups is not UNSET:
            field_dict["groups"] = groups
        if attributes is not UNSET:
            field_dict["attributes"] = attributes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.service_account_patch_attributes_type_0 import (
            ServiceAccountPatchAttributesType0,
        )

        d = dict(src_dict)

        def _parse_roles(data: object) -> list[Role] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                roles_type_0 = []
                _roles_type_0 = data
                for roles_type_0_item_data in _roles_type_0:
                    roles_type_0_item = Role(roles_type_0_item_data)

                    roles_type_0.append(roles_type_0_item)

                return roles_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Role] | None | Unset, data)

        roles = _parse_roles(d.pop("roles", UNSET))

        def _parse_groups(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                groups_type_0 = cast(list[str], data)

                return groups_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        groups = _parse_groups(d.pop("groups", UNSET))

        def _parse_attributes(
            data: object,
        ) -> None | ServiceAccountPatchAttributesType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                attributes_type_0 = ServiceAccountPatchAttributesType0.from_dict(data)

                return attributes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ServiceAccountPatchAttributesType0 | Unset, data)

        attributes = _parse_attributes(d.pop("attributes", UNSET))

        service_account_patch = cls(
            roles=roles,
            groups=groups,
            attributes=attributes,
        )

        return service_account_patch
