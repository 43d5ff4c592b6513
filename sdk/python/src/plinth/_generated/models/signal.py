from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.signal_kind import SignalKind

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.signal_detail import SignalDetail


T = TypeVar("T", bound="Signal")


@_attrs_define
class Signal:
    """Something unusual that a member or service account did, or that was done in its name.

    Attributes:
        id (str):
        principal (ActorWire): Whoever did something.
        kind (SignalKind):
        detail (SignalDetail): What is known about the request or login, as far as it is known.
        weight (int): What it adds to the risk while it counts; all of a kind together may add less than their sum.
        at (datetime.datetime):
        counts_until (datetime.datetime): From when on it adds nothing.
    """

    id: str
    principal: ActorWire
    kind: SignalKind
    detail: SignalDetail
    weight: int
    at: datetime.datetime
    counts_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        principal = self.principal.to_dict()

        kind = self.kind.value

        detail = self.detail.to_dict()

        weight = self.weight

        at = self.at.isoformat()

        counts_until = self.counts_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "principal": principal,
                "kind": kind,
                "detail": detail,
                "weight": weight,
                "at": at,
                "counts_until": counts_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.signal_detail import SignalDetail

        d = dict(src_dict)
        id = d.pop("id")

        principal = ActorWire.from_dict(d.pop("principal"))

        kind = SignalKind(d.pop("kind"))

        detail = SignalDetail.from_dict(d.pop("detail"))

        weight = d.pop("weight")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        counts_until = datetime.datetime.fromisoformat(d.pop("counts_until"))

        signal = cls(
            id=id,
            principal=principal,
            kind=kind,
            detail=detail,
            weight=weight,
            at=at,
            counts_until=counts_until,
        )

        signal.additional_properties = d
        return signal

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
