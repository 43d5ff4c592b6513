from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.policy_check_statements_type_0_item import (
        PolicyCheckStatementsType0Item,
    )
    from ..models.policy_finding import PolicyFinding


T = TypeVar("T", bound="PolicyCheck")


@_attrs_define
class PolicyCheck:
    """What there is to say about a draft that is valid.

    Attributes:
        text (str): Cedar.
        statements (list[PolicyCheckStatementsType0Item] | None): The easy form; `null` when a statement says more than
            it can.
        warnings (list[PolicyFinding]):
    """

    text: str
    statements: list[PolicyCheckStatementsType0Item] | None
    warnings: list[PolicyFinding]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        statements: list[dict[str, Any]] | None
        if isinstance(self.statements, list):
            statements = []
            for statements_type_0_item_data in self.statements:
                statements_type_0_item = statements_type_0_item_data.to_dict()
                statements.append(statements_type_0_item)

        else:
            statements = self.statements

        warnings = []
        for warnings_item_data in self.warnings:
            warnings_item = warnings_item_data.to_dict()
            warnings.append(warnings_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "statements": statements,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.policy_check_statements_type_0_item import (
            PolicyCheckStatementsType0Item,
        )
        from ..models.policy_finding import PolicyFinding

        d = dict(src_dict)
        text = d.pop("text")

        def _parse_statements(
            data: object,
        ) -> list[PolicyCheckStatementsType0Item] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                statements_type_0 = []
                _statements_type_0 = data
                for statements_type_0_item_data in _statements_type_0:
                    statements_type_0_item = PolicyCheckStatementsType0Item.from_dict(
                        statements_type_0_item_data
                    )

                    statements_type_0.append(statements_type_0_item)

                return statements_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PolicyCheckStatementsType0Item] | None, data)

        statements = _parse_statements(d.pop("statements"))

        warnings = []
        _warnings = d.pop("warnings")
        for warnings_item_data in _warnings:
            warnings_item = PolicyFinding.from_dict(warnings_item_data)

            warnings.append(warnings_item)

        policy_check = cls(
            text=text,
            statements=statements,
            warnings=warnings,
        )

        policy_check.additional_properties = d
        return policy_check

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
