from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.question_body import QuestionBody


T = TypeVar("T", bound="AuthorizeBody")


@_attrs_define
class AuthorizeBody:
    """Questions that are answered together.

    Attributes:
        questions (list[QuestionBody]): At most 100.
    """

    questions: list[QuestionBody]

    def to_dict(self) -> dict[str, Any]:
        questions = []
        for questions_item_data in self.questions:
            questions_item = questions_item_data.to_dict()
            questions.append(questions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "questions": questions,
            }
        )

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

        authorize_body = cls(
            questions=questions,
        )

        return authorize_body
