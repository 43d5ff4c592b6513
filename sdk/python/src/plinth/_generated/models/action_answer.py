from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.action_answer_result import ActionAnswerResult


T = TypeVar("T", bound="ActionAnswer")


@_attrs_define
class ActionAnswer:
    """
    Attributes:
        token (str): The question's own token.
        result (ActionAnswerResult):
    """

    token: str
    result: ActionAnswerResult

    def to_dict(self) -> dict[str, Any]:
        token = self.token

        result = self.result.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "token": token,
                "result": result,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.action_answer_result import ActionAnswerResult

        d = dict(src_dict)
        token = d.pop("token")

        result = ActionAnswerResult.from_dict(d.pop("result"))

        action_answer = cls(
            token=token,
            result=result,
        )

        return action_answer
