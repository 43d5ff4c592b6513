from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.signal_kind import SignalKind

T = TypeVar("T", bound="RiskPart")


@_attrs_define
class RiskPart:
    """What the signals of one kind add to the risk now.

    Attributes:
        kind (SignalKind):
        points (int):
        counts_until (datetime.datetime): When the last of them ends.
    """

    kind: SignalKind
    points: int
    counts_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        points = self.points

        counts_until = self.counts_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "points": points,
                "counts_until": counts_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kind = SignalKind(d.pop("kind"))

        points = d.pop("points")

        counts_until = datetime.datetime.fromisoformat(d.pop("counts_until"))

        risk_part = cls(
            kind=kind,
            points=points,
            counts_until=counts_until,
        )

        risk_part.additional_properties = d
        return risk_part

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
