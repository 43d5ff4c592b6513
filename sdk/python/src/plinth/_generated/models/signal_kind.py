from enum import Enum


class SignalKind(str, Enum):
    FAILED_LOGIN = "failed_login"
    NEW_COUNTRY = "new_country"
    NEW_DEVICE = "new_device"
    NEW_NETWORK = "new_network"

    def __str__(self) -> str:
        return str(self.value)
