from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.policy_past_request import PolicyPastRequest


T = TypeVar("T", bound="PolicyRequests")


@_attrs_define
class PolicyRequests:
    """What the requests of the last 7 days would have got.

    Attributes:
        since (datetime.datetime):
        considered (int): How many were judged.
        would_be_refused (int):
        would_be_allowed (int):
        examples (list[PolicyPastRequest]): At most 5 that would be refused, and 5 that would be allowed.
    """

    since: datetime.datetime
    considered: int
    would_be_refused: int
    would_be_allowed: int
    examples: list[PolicyPastRequest]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        considered = self.considered

        would_be_refused = self.would_be_refused

        would_be_allowed = self.would_be_allowed

        examples = []
        for examples_item_data in self.examples:
            examples_item = examples_item_data.to_dict()
            examples.append(examples_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "since": since,
                "considered": considered,
                "would_be_refused": would_be_refused,
                "would_be_allowed": would_be_allowed,
                "examples": examples,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.policy_past_request import PolicyPastRequest

        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))

        considered = d.pop("considered")

        would_be_refused = d.pop("would_be_refused")

        would_be_allowed = d.pop("would_be_allowed")

        examples = []
        _examples = d.pop("examples")
        for examples_item_data in _examples:
            examples_item = PolicyPastRequest.from_dict(examples_item_data)

            examples.append(examples_item)

        policy_requests = cls(
            since=since,
            considered=considered,
            would_be_refused=would_be_refused,
            would_be_allowed=would_be_allowed,
            examples=examples,
        )

        policy_requests.additional_properties = d
        return policy_requests

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
