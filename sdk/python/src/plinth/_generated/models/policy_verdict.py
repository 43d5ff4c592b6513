from enum import Enum


class PolicyVerdict(str, Enum):
    ALLOWED = "allowed"
    REFUSED = "refused"

    def __str__(self) -> str:
        return str(self.value)
