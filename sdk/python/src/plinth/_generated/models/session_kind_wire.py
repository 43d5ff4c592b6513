from enum import Enum


class SessionKindWire(str, Enum):
    BEARER = "bearer"
    COOKIE = "cookie"

    def __str__(self) -> str:
        return str(self.value)
