from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.status_report_status import StatusReportStatus


T = TypeVar("T", bound="StatusReport")


@_attrs_define
class StatusReport:
    """
    Attributes:
        observed_generation (int): The generation that the status speaks of.
        status (StatusReportStatus):
    """

    observed_generation: int
    status: StatusReportStatus

    def to_dict(self) -> dict[str, Any]:
        observed_generation = self.observed_generation

        status = self.status.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "observed_generation": observed_generation,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.status_report_status import StatusReportStatus

        d = dict(src_dict)
        observed_generation = d.pop("observed_generation")

        status = StatusReportStatus.from_dict(d.pop("status"))

        status_report = cls(
            observed_generation=observed_generation,
            status=status,
        )

        return status_report
