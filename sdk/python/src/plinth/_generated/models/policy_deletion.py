from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.policy_impact import PolicyImpact


T = TypeVar("T", bound="PolicyDeletion")


@_attrs_define
class PolicyDeletion:
    """The answer to the dry run of a deletion.

    Attributes:
        impact (PolicyImpact): What a change of a policy would do, as far as the caller may see it.
    """

    impact: PolicyImpact
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        impact = self.impact.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "impact": impact,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.policy_impact import PolicyImpact

        d = dict(src_dict)
        impact = PolicyImpact.from_dict(d.pop("impact"))

        policy_deletion = cls(
            impact=impact,
        )

        policy_deletion.additional_properties = d
        return policy_deletion

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
