from enum import Enum


class PipelineStatusTableState(str, Enum):
    COMPLETED = "completed"
    FAILED = "failed"
    PAUSED = "paused"
    PENDING = "pending"
    SNAPSHOTTING = "snapshotting"
    STREAMING = "streaming"

    def __str__(self) -> str:
        return str(self.value)
