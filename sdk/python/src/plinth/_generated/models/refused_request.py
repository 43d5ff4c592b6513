from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.policy_example import PolicyExample


T = TypeVar("T", bound="RefusedRequest")


@_attrs_define
class RefusedRequest:
    """The same request of the same member or service account, refused once or often within the last 7 days.

    Attributes:
        actor (ActorWire): Whoever did something.
        action (str):  Example: members:update.
        subject (None | PolicyExample):
        count (int): How often.
        last_at (datetime.datetime):
    """

    actor: ActorWire
    action: str
    subject: None | PolicyExample
    count: int
    last_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.policy_example import PolicyExample

        actor = self.actor.to_dict()

        action = self.action

        subject: dict[str, Any] | None
        if isinstance(self.subject, PolicyExample):
            subject = self.subject.to_dict()
        else:
            subject = self.subject

        count = self.count

        last_at = self.last_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "action": action,
                "subject": subject,
                "count": count,
                "last_at": last_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.policy_example import PolicyExample

        d = dict(src_dict)
        actor = ActorWire.from_dict(d.pop("actor"))

        action = d.pop("action")

        def _parse_subject(data: object) -> None | PolicyExample:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                subject_type_0 = PolicyExample.from_dict(data)

                return subject_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PolicyExample, data)

        subject = _parse_subject(d.pop("subject"))

        count = d.pop("count")

        last_at = datetime.datetime.fromisoformat(d.pop("last_at"))

        refused_request = cls(
            actor=actor,
            action=action,
            subject=subject,
            count=count,
            last_at=last_at,
        )

        refused_request.additional_properties = d
        return refused_request

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
