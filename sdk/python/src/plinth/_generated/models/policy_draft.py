from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.policy_draft_statements_type_0_item import (
        PolicyDraftStatementsType0Item,
    )


T = TypeVar("T", bound="PolicyDraft")


@_attrs_define
class PolicyDraft:
    """A draft to look at.

    Attributes:
        text (None | str | Unset): Cedar: one or more statements.
        statements (list[PolicyDraftStatementsType0Item] | None | Unset): The easy form, one for each statement.
    """

    text: None | str | Unset = UNSET
    statements: list[PolicyDraftStatementsType0Item] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        text: None | str | Unset
        if isinstance(self.text, Unset):
            text = UNSET
        else:
            text = self.text

        statements: list[dict[str, Any]] | None | Unset
        if isinstance(self.statements, Unset):
            statements = UNSET
        elif isinstance(self.statements, list):
            statements = []
            for statements_type_0_item_data in self.statements:
                statements_type_0_item = statements_type_0_item_data.to_dict()
                statements.append(statements_type_0_item)

        else:
            statements = self.statements

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if text is not UNSET:
            field_dict["text"] = text
        if statements is not UNSET:
            field_dict["statements"] = statements

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.policy_draft_statements_type_0_item import (
            PolicyDraftStatementsType0Item,
        )

        d = dict(src_dict)

        def _parse_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        text = _parse_text(d.pop("text", UNSET))

        def _parse_statements(
            data: object,
        ) -> list[PolicyDraftStatementsType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                statements_type_0 = []
                _statements_type_0 = data
                for statements_type_0_item_data in _statements_type_0:
                    statements_type_0_item = PolicyDraftStatementsType0Item.from_dict(
                        statements_type_0_item_data
                    )

                    statements_type_0.append(statements_type_0_item)

                return statements_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PolicyDraftStatementsType0Item] | None | Unset, data)

        statements = _parse_statements(d.pop("statements", UNSET))

        policy_draft = cls(
            text=text,
            statements=statements,
        )

        return policy_draft
