from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.draft_question_spec import DraftQuestionSpec


T = TypeVar("T", bound="DraftQuestion")


@_attrs_define
class DraftQuestion:
    """What a question about a draft is about.

    Attributes:
        spec (DraftQuestionSpec): A spec as in a create, with its secrets.
    """

    spec: DraftQuestionSpec

    def to_dict(self) -> dict[str, Any]:
        spec = self.spec.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "spec": spec,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.draft_question_spec import DraftQuestionSpec

        d = dict(src_dict)
        spec = DraftQuestionSpec.from_dict(d.pop("spec"))

        draft_question = cls(
            spec=spec,
        )

        return draft_question
