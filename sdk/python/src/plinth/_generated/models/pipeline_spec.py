from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.pipeline_spec_mode import PipelineSpecMode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pipeline_spec_destination import PipelineSpecDestination
    from ..models.pipeline_spec_source import PipelineSpecSource


T = TypeVar("T", bound="PipelineSpec")


@_attrs_define
class PipelineSpec:
    """What to copy, where to, and how often.

    Attributes:
        source (PipelineSpecSource): Where the rows come from.
        destination (PipelineSpecDestination): Where the rows go. Missing tables and files are created.
        mode (PipelineSpecMode): `snapshot` copies everything once and is then completed. `incremental` goes on after
            that: it reads new and changed rows by each table's cursor column. Default: PipelineSpecMode.SNAPSHOT.
        interval_secs (int | Unset): Seconds between two looks for new rows in mode `incremental`. Default: 10.
        paused (bool | Unset): A paused pipeline keeps its position and reads nothing until it is resumed. Default:
            False.
        parallelism (int | Unset): How many tables, or parts of a table, are read at the same time. Default: 2.
        batch_rows (int | Unset): Most rows held in one batch. Smaller batches need less memory, larger ones are faster.
            Default: 8192.
    """

    source: PipelineSpecSource
    destination: PipelineSpecDestination
    mode: PipelineSpecMode = PipelineSpecMode.SNAPSHOT
    interval_secs: int | Unset = 10
    paused: bool | Unset = False
    parallelism: int | Unset = 2
    batch_rows: int | Unset = 8192

    def to_dict(self) -> dict[str, Any]:
        source = self.source.to_dict()

        destination = self.destination.to_dict()

        mode = self.mode.value

        interval_secs = self.interval_secs

        paused = self.paused

        parallelism = self.parallelism

        batch_rows = self.batch_rows

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "destination": destination,
                "mode": mode,
            }
        )
        if interval_secs is not UNSET:
            field_dict["interval_secs"] = interval_secs
        if paused is not UNSET:
            field_dict["paused"] = paused
        if parallelism is not UNSET:
            field_dict["parallelism"] = parallelism
        if batch_rows is not UNSET:
            field_dict["batch_rows"] = batch_rows

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.pipeline_spec_destination import PipelineSpecDestination
        from ..models.pipeline_spec_source import PipelineSpecSource

        d = dict(src_dict)
        source = PipelineSpecSource.from_dict(d.pop("source"))

        destination = PipelineSpecDestination.from_dict(d.pop("destination"))

        mode = PipelineSpecMode(d.pop("mode"))

        interval_secs = d.pop("interval_secs", UNSET)

        paused = d.pop("paused", UNSET)

        parallelism = d.pop("parallelism", UNSET)

        batch_rows = d.pop("batch_rows", UNSET)

        pipeline_spec = cls(
            source=source,
            destination=destination,
            mode=mode,
            interval_secs=interval_secs,
            paused=paused,
            parallelism=parallelism,
            batch_rows=batch_rows,
        )

        return pipeline_spec
