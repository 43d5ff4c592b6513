from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.usage_report import UsageReport


T = TypeVar("T", bound="UsageBatch")


@_attrs_define
class UsageBatch:
    """Up to 10,000 records, kept all or nothing.

    Attributes:
        records (list[UsageReport]):
    """

    records: list[UsageReport]

    def to_dict(self) -> dict[str, Any]:
        records = []
        for records_item_data in self.records:
            records_item = records_item_data.to_dict()
            records.append(records_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "records": records,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.usage_report import UsageReport

        d = dict(src_dict)
        records = []
        _records = d.pop("records")
        for records_item_data in _records:
            records_item = UsageReport.from_dict(records_item_data)

            records.append(records_item)

        usage_batch = cls(
            records=records,
        )

        return usage_batch
