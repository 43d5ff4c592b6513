from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.authorize_answer_requires_item import AuthorizeAnswerRequiresItem
    from ..models.authorize_answer_statements_item import AuthorizeAnswerStatementsItem


T = TypeVar("T", bound="AuthorizeAnswer")


@_attrs_define
class AuthorizeAnswer:
    """An answer with its reasons.

    Attributes:
        allowed (bool):
        everything (bool): Whether that holds for everything that the action can be done to.
        reason (str): In words.
        statements (list[AuthorizeAnswerStatementsItem]): The statements that decided, or might have, with the
            attributes that they looked at. Only for those who may see
            policies.
        requires (list[AuthorizeAnswerRequiresItem]): Of a creation, a draft or a change: alternatives of what the
            properties have to be. Each has values by the names of
            properties; for one of the alternatives, each of its properties has to have one of its values. Empty when
            something
            could permit it whatever the properties are, and when nothing could.
    """

    allowed: bool
    everything: bool
    reason: str
    statements: list[AuthorizeAnswerStatementsItem]
    requires: list[AuthorizeAnswerRequiresItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        allowed = self.allowed

        everything = self.everything

        reason = self.reason

        statements = []
        for statements_item_data in self.statements:
            statements_item = statements_item_data.to_dict()
            statements.append(statements_item)

        requires = []
        for requires_item_data in self.requires:
            requires_item = requires_item_data.to_dict()
            requires.append(requires_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "allowed": allowed,
                "everything": everything,
                "reason": reason,
                "statements": statements,
                "requires": requires,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.authorize_answer_requires_item import AuthorizeAnswerRequiresItem
        from ..models.authorize_answer_statements_item import (
            AuthorizeAnswerStatementsItem,
        )

        d = dict(src_dict)
        allowed = d.pop("allowed")

        everything = d.pop("everything")

        reason = d.pop("reason")

        statements = []
        _statements = d.pop("statements")
        for statements_item_data in _statements:
            statements_item = AuthorizeAnswerStatementsItem.from_dict(
                statements_item_data
            )

            statements.append(statements_item)

        requires = []
        _requires = d.pop("requires")
        for requires_item_data in _requires:
            requires_item = AuthorizeAnswerRequiresItem.from_dict(requires_item_data)

            requires.append(requires_item)

        authorize_answer = cls(
            allowed=allowed,
            everything=everything,
            reason=reason,
            statements=statements,
            requires=requires,
        )

        authorize_answer.additional_properties = d
        return authorize_answer

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
