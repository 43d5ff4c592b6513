from enum import Enum


class PipelineStatusState(str, Enum):
    COMPLETED = "completed"
    CONNECTING = "connecting"
    DELETING = "deleting"
    FAILED = "failed"
    PAUSED = "paused"
    PENDING = "pending"
    SNAPSHOTTING = "snapshotting"
    STREAMING = "streaming"

    def __str__(self) -> str:
        return str(self.value)
