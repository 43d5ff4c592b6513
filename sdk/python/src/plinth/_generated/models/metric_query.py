from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.aggregate import Aggregate
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metric_query_labels import MetricQueryLabels


T = TypeVar("T", bound="MetricQuery")


@_attrs_define
class MetricQuery:
    """A question about one metric.

    Attributes:
        name (str):  Example: latency_seconds.
        aggregate (Aggregate):
        from_ (datetime.datetime): Inclusive.
        to (datetime.datetime): Exclusive.
        bucket_secs (int): Buckets begin at multiples of this since 1970.
        group_by (list[str] | Unset): Names of labels, and `resource`; one series for all when empty.
        resource (None | str | Unset): The id of one resource.
        labels (MetricQueryLabels | Unset): What a series must be labelled with.
    """

    name: str
    aggregate: Aggregate
    from_: datetime.datetime
    to: datetime.datetime
    bucket_secs: int
    group_by: list[str] | Unset = UNSET
    resource: None | str | Unset = UNSET
    labels: MetricQueryLabels | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        aggregate = self.aggregate.value

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        bucket_secs = self.bucket_secs

        group_by: list[str] | Unset = UNSET
        if not isinstance(self.group_by, Unset):
            group_by = self.group_by

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
                "aggregate": aggregate,
                "from": from_,
                "to": to,
                "bucket_secs": bucket_secs,
            }
        )
        if group_by is not UNSET:
            field_dict["group_by"] = group_by
        if resource is not UNSET:
            field_dict["resource"] = resource
        if labels is not UNSET:
            field_dict["labels"] = labels

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metric_query_labels import MetricQueryLabels

        d = dict(src_dict)
        name = d.pop("name")

        aggregate = Aggregate(d.pop("aggregate"))

        from_ = datetime.datetime.fromisoformat(d.pop("from"))

        to = datetime.datetime.fromisoformat(d.pop("to"))

        bucket_secs = d.pop("bucket_secs")

        group_by = cast(list[str], d.pop("group_by", UNSET))

        def _parse_resource(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        resource = _parse_resource(d.pop("resource", UNSET))

        _labels = d.pop("labels", UNSET)
        labels: MetricQueryLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = MetricQueryLabels.from_dict(_labels)

        metric_query = cls(
            name=name,
            aggregate=aggregate,
            from_=from_,
            to=to,
            bucket_secs=bucket_secs,
            group_by=group_by,
            resource=resource,
            labels=labels,
        )

        return metric_query
