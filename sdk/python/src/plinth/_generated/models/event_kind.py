from enum import Enum


class EventKind(str, Enum):
    CONNECTION = "connection"
    INVITATION = "invitation"
    MEMBER = "member"
    ORG = "org"
    PIPELINE = "pipeline"
    POLICY = "policy"
    SERVICE_ACCOUNT = "service_account"
    TOKEN = "token"

    def __str__(self) -> str:
        return str(self.value)
