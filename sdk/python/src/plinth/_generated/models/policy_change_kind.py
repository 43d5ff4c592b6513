from enum import Enum


class PolicyChangeKind(str, Enum):
    GAINS = "gains"
    LOSES = "loses"

    def __str__(self) -> str:
        return str(self.value)
