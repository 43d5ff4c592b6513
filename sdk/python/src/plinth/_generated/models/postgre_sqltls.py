from enum import Enum


class PostgreSQLTLS(str, Enum):
    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"

    def __str__(self) -> str:
        return str(self.value)
