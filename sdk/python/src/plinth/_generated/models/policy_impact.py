from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.policy_change import PolicyChange
    from ..models.policy_gain_lose import PolicyGainLose
    from ..models.policy_requests import PolicyRequests


T = TypeVar("T", bound="PolicyImpact")


@_attrs_define
class PolicyImpact:
    """What a change of a policy would do, as far as the caller may see it.

    Attributes:
        principals (PolicyGainLose): How many members and service accounts would gain something, and how many would lose
            something.
        changes (list[PolicyChange]): Losses first, the largest first; at most 100.
        changes_count (int): How many there are.
        requests (PolicyRequests): What the requests of the last 7 days would have got.
        complete (bool): `false` when a bound was reached: there may be more than is told.
    """

    principals: PolicyGainLose
    changes: list[PolicyChange]
    changes_count: int
    requests: PolicyRequests
    complete: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        principals = self.principals.to_dict()

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        changes_count = self.changes_count

        requests = self.requests.to_dict()

        complete = self.complete

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "principals": principals,
                "changes": changes,
                "changes_count": changes_count,
                "requests": requests,
                "complete": complete,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.policy_change import PolicyChange
        from ..models.policy_gain_lose import PolicyGainLose
        from ..models.policy_requests import PolicyRequests

        d = dict(src_dict)
        principals = PolicyGainLose.from_dict(d.pop("principals"))

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = PolicyChange.from_dict(changes_item_data)

            changes.append(changes_item)

        changes_count = d.pop("changes_count")

        requests = PolicyRequests.from_dict(d.pop("requests"))

        complete = d.pop("complete")

        policy_impact = cls(
            principals=principals,
            changes=changes,
            changes_count=changes_count,
            requests=requests,
            complete=complete,
        )

        policy_impact.additional_properties = d
        return policy_impact

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
