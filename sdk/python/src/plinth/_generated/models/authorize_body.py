from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.question_body import QuestionBody


T = TypeVar("T", bound="AuthorizeBody")


@_attrs_define
class AuthorizeBody:
    """Questions that are answered together.

    Attributes:
        questions (list[QuestionBody]): At most 100.
        principal (None | str | Unset): The id of a member's user or of a service account, who is then asked about in
            the place of the caller. Only for
            those who may see policies, and members or service accounts. Example: user_01m82x10m4erxvdpr5ze0zh8pp.
    """

    questions: list[QuestionBody]
    principal: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        questions = []
        for questions_item_data in self.questions:
            questions_item = questions_item_data.to_dict()
            questions.append(questions_item)

        principal: None | str | Unset
        if isinstance(self.principal, Unset):
            principal = UNSET
        else:
            principal = self.principal

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "questions": questions,
            }
        )
        if principal is not UNSET:
            field_dict["principal"] = principal

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.question_body import QuestionBody

        d = dict(src_dict)
        questions = []
        _questions = d.pop("questions")
        for questions_item_data in _questions:
            questions_item = QuestionBody.from_dict(questions_item_data)

            questions.append(questions_item)

        def _parse_principal(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        principal = _parse_principal(d.pop("principal", UNSET))

        authorize_body = cls(
            questions=questions,
            principal=principal,
        )

        return authorize_body
