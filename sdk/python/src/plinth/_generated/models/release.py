from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.outcome_wire import OutcomeWire
from ..types import UNSET, Unset

T = TypeVar("T", bound="Release")


@_attrs_define
class Release:
    """
    Attributes:
        outcome (OutcomeWire):
        observed_generation (int):
        retry_after_secs (float | None | Unset): When to look at it again, for `retry`.
    """

    outcome: OutcomeWire
    observed_generation: int
    retry_after_secs: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        outcome = self.outcome.value

        observed_generation = self.observed_generation

        retry_after_secs: float | None | Unset
        if isinstance(self.retry_after_secs, Unset):
            retry_after_secs = UNSET
        else:
            retry_after_secs = self.retry_after_secs

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "outcome": outcome,
                "observed_generation": observed_generation,
            }
        )
        if retry_after_secs is not UNSET:
            field_dict["retry_after_secs"] = retry_after_secs

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        outcome = OutcomeWire(d.pop("outcome"))

        observed_generation = d.pop("observed_generation")

        def _parse_retry_after_secs(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        retry_after_secs = _parse_retry_after_secs(d.pop("retry_after_secs", UNSET))

        release = cls(
            outcome=outcome,
            observed_generation=observed_generation,
            retry_after_secs=retry_after_secs,
        )

        return release
