from enum import Enum


class BillLineKind(str, Enum):
    FLAT = "flat"
    MINIMUM = "minimum"
    USAGE = "usage"

    def __str__(self) -> str:
        return str(self.value)
