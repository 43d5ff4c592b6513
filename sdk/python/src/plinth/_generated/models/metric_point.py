from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metric_point_labels import MetricPointLabels


T = TypeVar("T", bound="MetricPoint")


@_attrs_define
class MetricPoint:
    """One measurement. A second one of the same name, resource, labels and time is a duplicate, and is left out.

    Attributes:
        name (str):  Example: latency_seconds.
        at (datetime.datetime): Not before 2000, and not more than 10 minutes in the future.
        value (float): 0, or 1e-100 to 1e100 in size.
        resource (None | str | Unset): The id of the measured resource. May be left out by the holder of a lease, who
            measures that resource alone.
        labels (MetricPointLabels | Unset): At most 16. `resource` is not the name of a label.
    """

    name: str
    at: datetime.datetime
    value: float
    resource: None | str | Unset = UNSET
    labels: MetricPointLabels | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        at = self.at.isoformat()

        value = self.value

        resource: None | str | Unset
        if isinstance(self.resource, Unset):
            resource = UNSET
        else:
            resource = self.resource

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "at": at,
                "value": value,
            }
        )
        if resource is not UNSET:
            field_dict["resource"] = resource
        if labels is not UNSET:
            field_dict["labels"] = labels

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metric_point_labels import MetricPointLabels

        d = dict(src_dict)
        name = d.pop("name")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        value = d.pop("value")

        def _parse_resource(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        resource = _parse_resource(d.pop("resource", UNSET))

        _labels = d.pop("labels", UNSET)
        labels: MetricPointLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = MetricPointLabels.from_dict(_labels)

        metric_point = cls(
            name=name,
            at=at,
            value=value,
            resource=resource,
            labels=labels,
        )

        return metric_point
