from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.pipeline_spec import PipelineSpec


T = TypeVar("T", bound="PipelineQuestion")


@_attrs_define
class PipelineQuestion:
    """What a question about a draft is about.

    Attributes:
        spec (PipelineSpec): What to copy, where to, and how often.
    """

    spec: PipelineSpec

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
        from ..models.pipeline_spec import PipelineSpec

        d = dict(src_dict)
        spec = PipelineSpec.from_dict(d.pop("spec"))

        pipeline_question = cls(
            spec=spec,
        )

        return pipeline_question
