from enum import Enum


class ProblemCode(str, Enum):
    BODY_TOO_LARGE = "body_too_large"
    CONFLICT = "conflict"
    CSRF_FAILED = "csrf_failed"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    FORBIDDEN = "forbidden"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    INTERNAL = "internal"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_JSON = "invalid_json"
    INVALID_REQUEST = "invalid_request"
    LEASE_LOST = "lease_lost"
    LOCKED_OUT = "locked_out"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_FOUND = "not_found"
    QUOTA_EXCEEDED = "quota_exceeded"
    RATE_LIMITED = "rate_limited"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    USAGE_CONFLICT = "usage_conflict"
    VALIDATION_FAILED = "validation_failed"
    VERSION_MISMATCH = "version_mismatch"

    def __str__(self) -> str:
        return str(self.value)
