from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.usage_record_properties import UsageRecordProperties


T = TypeVar("T", bound="UsageRecord")


@_attrs_define
class UsageRecord:
    """A usage record as it was kept.

    Attributes:
        source (str):
        id (str):
        meter (str):
        resource (None | str):
        quantity (str): A decimal.
        at (datetime.datetime):
        properties (UsageRecordProperties):
        recorded_at (datetime.datetime):
    """

    source: str
    id: str
    meter: str
    resource: None | str
    quantity: str
    at: datetime.datetime
    properties: UsageRecordProperties
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        id = self.id

        meter = self.meter

        resource: None | str
        resource = self.resource

        quantity = self.quantity

        at = self.at.isoformat()

        properties = self.properties.to_dict()

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "source": source,
                "id": id,
                "meter": meter,
                "resource": resource,
                "quantity": quantity,
                "at": at,
                "properties": properties,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.usage_record_properties import UsageRecordProperties

        d = dict(src_dict)
        source = d.pop("source")

        id = d.pop("id")

        meter = d.pop("meter")

        def _parse_resource(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        resource = _parse_resource(d.pop("resource"))

        quantity = d.pop("quantity")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        properties = UsageRecordProperties.from_dict(d.pop("properties"))

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        usage_record = cls(
            source=source,
            id=id,
            meter=meter,
            resource=resource,
            quantity=quantity,
            at=at,
            properties=properties,
            recorded_at=recorded_at,
        )

        usage_record.additional_properties = d
        return usage_record

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
