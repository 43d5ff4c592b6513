from enum import Enum


class AskConnectionAction(str, Enum):
    CHECK = "check"
    DISCOVER = "discover"

    def __str__(self) -> str:
        return str(self.value)
