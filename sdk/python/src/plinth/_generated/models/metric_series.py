from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.metric_reading import MetricReading
    from ..models.metric_series_group import MetricSeriesGroup


T = TypeVar("T", bound="MetricSeries")


@_attrs_define
class MetricSeries:
    """
    Attributes:
        group (MetricSeriesGroup): What the points have in common, of what was asked to group by.
        points (list[MetricReading]): In order; a bucket with nothing in it has no point.
    """

    group: MetricSeriesGroup
    points: list[MetricReading]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        group = self.group.to_dict()

        points = []
        for points_item_data in self.points:
            points_item = points_item_data.to_dict()
            points.append(points_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "group": group,
                "points": points,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metric_reading import MetricReading
        from ..models.metric_series_group import MetricSeriesGroup

        d = dict(src_dict)
        group = MetricSeriesGroup.from_dict(d.pop("group"))

        points = []
        _points = d.pop("points")
        for points_item_data in _points:
            points_item = MetricReading.from_dict(points_item_data)

            points.append(points_item)

        metric_series = cls(
            group=group,
            points=points,
        )

        metric_series.additional_properties = d
        return metric_series

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
