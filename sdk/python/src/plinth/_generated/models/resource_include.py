from enum import Enum


class ResourceInclude(str, Enum):
    ACTIONS = "actions"

    def __str__(self) -> str:
        return str(self.value)
