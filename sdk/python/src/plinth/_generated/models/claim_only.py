from enum import Enum


class ClaimOnly(str, Enum):
    DELETED = "deleted"

    def __str__(self) -> str:
        return str(self.value)
