from enum import Enum


class OutcomeWire(str, Enum):
    DONE = "done"
    RETRY = "retry"

    def __str__(self) -> str:
        return str(self.value)
