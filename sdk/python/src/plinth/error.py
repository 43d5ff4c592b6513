"""What goes wrong, as the server says it: RFC 9457 problems with a stable `code`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the body."""

    #: JSON pointer (RFC 6901) into the body.
    pointer: str
    message: str
    #: Where in the text of that field, from 1, for a policy.
    line: int | None = None
    column: int | None = None
    #: What to do, where that is known.
    hint: str | None = None

    @classmethod
    def of(cls, error: dict[str, Any]) -> FieldError:
        """From a member of the problem's `errors`."""
        place = (error.get("line"), error.get("column"), error.get("hint"))
        return cls(str(error.get("pointer")), str(error.get("message")), *place)


class PlinthError(Exception):
    """The server refused a request. `code` is stable: programs may rely on it."""

    def __init__(self, problem: dict[str, Any], status: int, request_id: str | None = None) -> None:
        self.code = str(problem.get("code", "unknown"))
        self.status = status
        self.detail = str(problem.get("detail", ""))
        self.errors = [FieldError.of(error) for error in problem.get("errors", [])]
        self.request_id = problem.get("request_id") or request_id
        #: All members of the problem, such as `offenders` of a `conflict`.
        self.problem = problem
        fields = "".join(f"; {error.pointer or '/'}: {error.message}" for error in self.errors)
        super().__init__(f"{self.code} ({status}): {self.detail}{fields} [request {self.request_id}]")

    @classmethod
    def of(cls, response: httpx.Response) -> PlinthError:
        """From a response that has been read. One that is no problem comes from something between server and client."""
        try:
            problem = response.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            problem = {"detail": response.text[:500] or response.reason_phrase}
        return cls(problem, response.status_code, response.headers.get("x-request-id"))


class WaitError(Exception):
    """What was waited for will not come, or did not come in time. `resource` is what was seen last."""

    def __init__(self, message: str, resource: Any) -> None:
        self.resource = resource
        super().__init__(message)
