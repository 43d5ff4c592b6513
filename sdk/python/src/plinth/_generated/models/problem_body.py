from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.problem_code import ProblemCode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_body_offenders_item import ProblemBodyOffendersItem
    from ..models.problem_field import ProblemField


T = TypeVar("T", bound="ProblemBody")


@_attrs_define
class ProblemBody:
    """RFC 9457, `application/problem+json`.

    Attributes:
        type_ (str): Where the code is explained.
        title (str):
        status (int):
        code (ProblemCode):
        detail (str): What is wrong here, and what to do, for a person.
        request_id (str):
        errors (list[ProblemField] | Unset): Per field, for `validation_failed` and some others.
        offenders (list[ProblemBodyOffendersItem] | Unset): What stands in the way, for `conflict`.
        permission (None | str | Unset): The permission that is missing, for `forbidden`.
    """

    type_: str
    title: str
    status: int
    code: ProblemCode
    detail: str
    request_id: str
    errors: list[ProblemField] | Unset = UNSET
    offenders: list[ProblemBodyOffendersItem] | Unset = UNSET
    permission: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        code = self.code.value

        detail = self.detail

        request_id = self.request_id

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        offenders: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.offenders, Unset):
            offenders = []
            for offenders_item_data in self.offenders:
                offenders_item = offenders_item_data.to_dict()
                offenders.append(offenders_item)

        permission: None | str | Unset
        if isinstance(self.permission, Unset):
            permission = UNSET
        else:
            permission = self.permission

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "code": code,
                "detail": detail,
                "request_id": request_id,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if offenders is not UNSET:
            field_dict["offenders"] = offenders
        if permission is not UNSET:
            field_dict["permission"] = permission

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_body_offenders_item import ProblemBodyOffendersItem
        from ..models.problem_field import ProblemField

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        code = ProblemCode(d.pop("code"))

        detail = d.pop("detail")

        request_id = d.pop("request_id")

        _errors = d.pop("errors", UNSET)
        errors: list[ProblemField] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = ProblemField.from_dict(errors_item_data)

                errors.append(errors_item)

        _offenders = d.pop("offenders", UNSET)
        offenders: list[ProblemBodyOffendersItem] | Unset = UNSET
        if _offenders is not UNSET:
            offenders = []
            for offenders_item_data in _offenders:
                offenders_item = ProblemBodyOffendersItem.from_dict(offenders_item_data)

                offenders.append(offenders_item)

        def _parse_permission(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        permission = _parse_permission(d.pop("permission", UNSET))

        problem_body = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            request_id=request_id,
            errors=errors,
            offenders=offenders,
            permission=permission,
        )

        problem_body.additional_properties = d
        return problem_body

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
