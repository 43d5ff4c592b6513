from enum import Enum


class EventKind(str, Enum):
    CONNECTION = "connection"
    INVITATION = "invitation"
    MEMBER = "member"
    ORG = "org"
    PIPELINE = "pipeline"
    POLICY = "policy"
    SERVICE_ACCOUNT = "service_account"
    SQL_LOGIN = "sql_login"
    TOKEN = "token"

    def __str__(self) -> str:
        return str(self.value)
