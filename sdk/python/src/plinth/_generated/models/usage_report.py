from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.usage_report_properties import UsageReportProperties


T = TypeVar("T", bound="UsageReport")


@_attrs_define
class UsageReport:
    """A billable quantity. `source` and `id` together name it for good: the same record may be sent again, another one of
    that name is a `usage_conflict`.

        Attributes:
            source (str): Who counts.
            id (str): Unique for the source.
            meter (str):  Example: requests.
            quantity (str): A decimal of at most 28 digits, at most 12 of them after the point. Example: 1250.
            at (datetime.datetime): Not before 2000, and not more than 10 minutes in the future.
            resource (None | str | Unset): The id of the resource. The holder of a lease may leave it out, and counts for
                that resource alone.
            properties (UsageReportProperties | Unset): At most 32, in 8,000 bytes.
    """

    source: str
    id: str
    meter: str
    quantity: str
    at: datetime.datetime
    resource: None | str | Unset = UNSET
    properties: UsageReportProperties | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        id = self.id

        meter = self.meter

        quantity = self.quantity

        at = self.at.isoformat()

        resource: None | str | Unset
        if isinstance(self.resource, Unset):
            resource = UNSET
        else:
            resource = self.resource

        properties: dict[str, Any] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "id": id,
                "meter": meter,
                "quantity": quantity,
                "at": at,
            }
        )
        if resource is not UNSET:
            field_dict["resource"] = resource
        if properties is not UNSET:
            field_dict["properties"] = properties

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.usage_report_properties import UsageReportProperties

        d = dict(src_dict)
        source = d.pop("source")

        id = d.pop("id")

        meter = d.pop("meter")

        quantity = d.pop("quantity")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_resource(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        resource = _parse_resource(d.pop("resource", UNSET))

        _properties = d.pop("properties", UNSET)
        properties: UsageReportProperties | Unset
        if isinstance(_properties, Unset):
            properties = UNSET
        else:
            properties = UsageReportProperties.from_dict(_properties)

        usage_report = cls(
            source=source,
            id=id,
            meter=meter,
            quantity=quantity,
            at=at,
            resource=resource,
            properties=properties,
        )

        return usage_report
