from enum import Enum


class Aggregate(str, Enum):
    AVG = "avg"
    LAST = "last"
    MAX = "max"
    MIN = "min"
    P95 = "p95"
    RATE = "rate"
    SUM = "sum"

    def __str__(self) -> str:
        return str(self.value)
