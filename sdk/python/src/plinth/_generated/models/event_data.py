from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_kind import EventKind
from ..models.event_operation import EventOperation

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.event_data_after_type_0 import EventDataAfterType0
    from ..models.event_data_before_type_0 import EventDataBeforeType0


T = TypeVar("T", bound="EventData")


@_attrs_define
class EventData:
    """
    Attributes:
        kind (EventKind):
        operation (EventOperation):
        name (str): Empty where the reader may see no state of the subject.
        actor (ActorWire): Whoever did something.
        before (EventDataBeforeType0 | None): The subject before the change: a resource as its own path shows it,
            without secrets.
        after (EventDataAfterType0 | None):
    """

    kind: EventKind
    operation: EventOperation
    name: str
    actor: ActorWire
    before: EventDataBeforeType0 | None
    after: EventDataAfterType0 | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.event_data_after_type_0 import EventDataAfterType0
        from ..models.event_data_before_type_0 import EventDataBeforeType0

        kind = self.kind.value

        operation = self.operation.value

        name = self.name

        actor = self.actor.to_dict()

        before: dict[str, Any] | None
        if isinstance(self.before, EventDataBeforeType0):
            before = self.before.to_dict()
        else:
            before = self.before

        after: dict[str, Any] | None
        if isinstance(self.after, EventDataAfterType0):
            after = self.after.to_dict()
        else:
            after = self.after

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "operation": operation,
                "name": name,
                "actor": actor,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.event_data_after_type_0 import EventDataAfterType0
        from ..models.event_data_before_type_0 import EventDataBeforeType0

        d = dict(src_dict)
        kind = EventKind(d.pop("kind"))

        operation = EventOperation(d.pop("operation"))

        name = d.pop("name")

        actor = ActorWire.from_dict(d.pop("actor"))

        def _parse_before(data: object) -> EventDataBeforeType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                before_type_0 = EventDataBeforeType0.from_dict(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EventDataBeforeType0 | None, data)

        before = _parse_before(d.pop("before"))

        def _parse_after(data: object) -> EventDataAfterType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                after_type_0 = EventDataAfterType0.from_dict(data)

                return after_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EventDataAfterType0 | None, data)

        after = _parse_after(d.pop("after"))

        event_data = cls(
            kind=kind,
            operation=operation,
            name=name,
            actor=actor,
            before=before,
            after=after,
        )

        event_data.additional_properties = d
        return event_data

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
