from enum import Enum


class EventOperation(str, Enum):
    CREATE = "create"
    DELETE = "delete"
    FINALIZE = "finalize"
    PURGE = "purge"
    STATUS = "status"
    UNDELETE = "undelete"
    UPDATE = "update"

    def __str__(self) -> str:
        return str(self.value)
