from enum import Enum


class ActorKind(str, Enum):
    SERVICE_ACCOUNT = "service_account"
    SQL = "sql"
    SYSTEM = "system"
    USER = "user"
    WORKER = "worker"

    def __str__(self) -> str:
        return str(self.value)
