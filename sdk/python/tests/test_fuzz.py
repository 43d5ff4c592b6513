"""Property-based fuzzing of the whole API from its own OpenAPI document, with schemathesis.

Whatever is sent, the server answers in time, never with a 5xx, with what the document says, and with a problem when it
refuses. `PLINTH_FUZZ_EXAMPLES` (for each operation and caller) makes it run longer, `PLINTH_FUZZ_SEED` takes another
path.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from server import OPENAPI, Account, Server
from world import Lease, World, answering_agent

EXAMPLES = int(os.environ.get("PLINTH_FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("PLINTH_FUZZ_SEED", "20261123"))
TIMEOUT_SECS = 30.0
# The longest wait that the API takes; more is refused at once.
LONGEST_WAIT_SECS = 30

schema = schemathesis.openapi.from_path(OPENAPI)
schema.config.generation.update(modes=list(GenerationMode), max_examples=EXAMPLES)

SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    # What failed is shown as it was sent: to shrink it would take minutes with a real server.
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)

CONFORMANCE: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]

# How often each operation has answered with which status.
ANSWERS: defaultdict[str, Counter[int]] = defaultdict(Counter)
# A generated token is never one that was mailed, a generated product never a whole one.
NEVER_SUCCEED = {
    "POST /v1/email-verifications/confirm",
    "POST /v1/invitations/accept",
    "GET /v1/invitations/preview",
    "POST /v1/login",
    "POST /v1/password-resets/confirm",
    "POST /v1/work/actions/{id}/result",
    "PUT /v1/product",
}

# What schemathesis calls a case of an HTTP operation, whichever it is.
AnyCase = Case[Any]


@pytest.fixture(scope="module")
def world(server: Server, alice: Account, erin: Account) -> Iterator[World]:
    """Alice's org with something of each kind in it, and an agent that answers questions.

    Erin is signed up now, since fuzzing the sign-up makes the server refuse more of them from this address.
    """
    with answering_agent(server):
        yield World(server, alice)


def is_public(case: AnyCase) -> bool:
    """Whether the document asks nothing of who calls."""
    return bool(schema.raw_schema["paths"][case.path][case.operation.method.lower()].get("security") == [{}])


def is_unanswered_action(case: AnyCase, response: Response) -> bool:
    """No agent took the question in time: the one way in which the server may say 503."""
    return response.status_code == 503 and "/actions/" in case.path


def check_problem(case: AnyCase, response: Response) -> None:
    """Each refusal is a problem that says the same as the status line."""
    if response.status_code < 400:
        return
    if case.method.upper() == "HEAD":
        return
    kind = response.headers.get("content-type", ["none"])[0]
    assert kind == "application/problem+json", f"a refusal of type `{kind}`: {response.text[:500]}"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"https://plinth.dev/problems/{problem['code']}"
    assert problem["detail"] and problem["title"]
    assert problem["request_id"] == response.headers["x-request-id"][0]


def send(case: AnyCase, server: Server, token: str | None, extra: list[CheckFunction] | None = None) -> Response:
    """Sends one request as somebody, and checks the answer."""
    shorten_waits(case)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = case.call(base_url=server.url, headers=headers, timeout=TIMEOUT_SECS)
    if not is_unanswered_action(case, response):
        strict = [] if is_forgiven(case) else [negative_data_rejection]
        checks = [not_a_server_error, *CONFORMANCE, *strict, *(extra or [])]
        case.validate_response(response, checks=checks, headers=headers, transport_kwargs={"timeout": TIMEOUT_SECS})
    check_problem(case, response)
    if case.method.upper() == case.operation.method.upper():
        ANSWERS[case.operation.label][response.status_code] += 1
    return response


def shorten_waits(case: AnyCase) -> None:
    """A long poll that finds nothing is allowed to take as long as it was asked to."""
    if not isinstance(case.body, dict):
        return
    wait_secs = case.body.get("wait_secs")
    if isinstance(wait_secs, int) and wait_secs > 0:
        case.body["wait_secs"] = 0 if wait_secs <= LONGEST_WAIT_SECS else wait_secs


def sometimes(case: AnyCase) -> bool:
    """Whether to leave what was generated as it is; the same each time for the same case."""
    return zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % 4 == 0


def is_negative(case: AnyCase) -> bool:
    """Whether it was generated to break the document's rules."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE


def is_forgiven(case: AnyCase) -> bool:
    """What the server takes against the document's letter: an empty parameter is none, and who has an account is no
    secret that asking for a new password may tell."""
    return "" in case.query.values() or case.path == "/v1/password-resets"


def aim(case: AnyCase, known: dict[str, Any]) -> None:
    """Points most requests at what exists, since what is generated only ever leads to a 404 or 422."""
    if sometimes(case):
        return
    parts: list[Any] = [case.path_parameters]
    if not is_negative(case):
        parts += [case.query, *([case.body] if isinstance(case.body, dict) else [])]
    for part in parts:
        for name in part:
            if name in known:
                part[name] = known[name]


@schema.parametrize()
@SETTINGS
@hypothesis.seed(SEED)
def test_an_owner_meets_no_server_error(case: AnyCase, server: Server, world: World) -> None:
    """As the owner of an org with something of each kind in it."""
    aim(case, world.known(case.operation.method, case.operation.path))
    token = world.token_for(case.operation.path)
    extra = [] if is_public(case) else [ignored_auth]
    response = send(case, server, token, extra)
    world.learn(case, response.status_code)


@schema.parametrize()
@SETTINGS
@hypothesis.seed(SEED)
def test_nobody_meets_no_server_error(case: AnyCase, server: Server, world: World) -> None:
    """Without a token: nothing but the public paths answers."""
    aim(case, world.known(case.operation.method, case.operation.path))
    response = send(case, server, None)
    if not is_public(case) and case.method.upper() == case.operation.method.upper():
        assert response.status_code in (400, 401, 404, 405, 415, 422), response.status_code


@schema.include(path_regex="^/v1/work/(?!self)").parametrize()
@SETTINGS
@hypothesis.seed(SEED)
def test_a_reconciler_meets_no_server_error(case: AnyCase, server: Server) -> None:
    """With the token of a reconciler, which may claim work."""
    send(case, server, server.token("reconciler"))


@pytest.fixture(scope="module")
def lease(server: Server, erin: Account) -> Lease:
    """A pipeline that this test holds the lease of."""
    return Lease(server, erin)


@schema.include(path_regex="^/v1/work/self").parametrize()
@SETTINGS
@hypothesis.seed(SEED)
def test_the_holder_of_a_lease_meets_no_server_error(case: AnyCase, server: Server, lease: Lease) -> None:
    """With the token of a lease, which may report about one resource."""
    aim(case, {"status": {"state": "streaming"}, "observed_generation": 1, "outcome": "done"})
    response = send(case, server, lease.token(case.operation.path))
    lease.learn(response.status_code, case.operation.path)


@schema.include(path_regex="^/v1/product").parametrize()
@SETTINGS
@hypothesis.seed(SEED)
def test_an_operator_meets_no_server_error(case: AnyCase, server: Server) -> None:
    """With the operator's token, which may change the product: what is generated is none."""
    send(case, server, server.token("operator"))


def test_the_document_is_the_servers_own(server: Server) -> None:
    """What was fuzzed is what the server serves."""
    assert server.request("GET", "/openapi.json") == schema.raw_schema


def test_the_fuzzer_got_past_the_door() -> None:
    """Each operation has also done what it is for, so that more was seen than refusals. Needs the tests above."""
    labels = [f"{method.upper()} {path}" for path, item in schema.raw_schema["paths"].items() for method in item]
    shut = {label for label in labels if not any(status < 300 for status in ANSWERS[label])}
    print(f"{len(labels)} operations, {sum(map(Counter.total, ANSWERS.values()))} requests")
    unexpected = {label: sorted(ANSWERS[label]) for label in shut - NEVER_SUCCEED}
    assert not unexpected, "\n".join(f"{label}: {statuses}" for label, statuses in sorted(unexpected.items()))
