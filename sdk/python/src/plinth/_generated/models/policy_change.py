from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.policy_change_kind import PolicyChangeKind

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.policy_example import PolicyExample


T = TypeVar("T", bound="PolicyChange")


@_attrs_define
class PolicyChange:
    """What one principal gains or loses of one action.

    Attributes:
        principal (ActorWire): Whoever did something.
        change (PolicyChangeKind):
        action (str):  Example: members:update.
        count (int): To how many things that there are now; 1 for what is not done to one resource.
        examples (list[PolicyExample]): At most 3.
    """

    principal: ActorWire
    change: PolicyChangeKind
    action: str
    count: int
    examples: list[PolicyExample]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        principal = self.principal.to_dict()

        change = self.change.value

        action = self.action

        count = self.count

        examples = []
        for examples_item_data in self.examples:
            examples_item = examples_item_data.to_dict()
            examples.append(examples_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "principal": principal,
                "change": change,
                "action": action,
                "count": count,
                "examples": examples,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.policy_example import PolicyExample

        d = dict(src_dict)
        principal = ActorWire.from_dict(d.pop("principal"))

        change = PolicyChangeKind(d.pop("change"))

        action = d.pop("action")

        count = d.pop("count")

        examples = []
        _examples = d.pop("examples")
        for examples_item_data in _examples:
            examples_item = PolicyExample.from_dict(examples_item_data)

            examples.append(examples_item)

        policy_change = cls(
            principal=principal,
            change=change,
            action=action,
            count=count,
            examples=examples,
        )

        policy_change.additional_properties = d
        return policy_change

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
