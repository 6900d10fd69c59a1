from __future__ import annotations

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    ENDPOINT,
    HTTP_STATUS,
    RAW_RESPONSE,
    REQUEST_ID,
    RESPONSE_AT,
    SENT_AT,
    AttemptResult,
    Context,
    Key,
    Metadata,
)
from sagemaker_rt.errors import ConnectError
from sagemaker_rt.http import Endpoint
from tests.doubles import response

TENANT: Key[str] = Key("tenant")
DEPTH: Key[int] = Key("depth")


def test_with_value_returns_a_copy() -> None:
    outer = Context("InvokeEndpoint", deadline=12.5, attempt=2)

    inner = outer.with_value(TENANT, "acme").with_value(DEPTH, 2)

    assert ("acme", 2) == (inner[TENANT], inner[DEPTH])
    assert ("InvokeEndpoint", 12.5, 2) == (
        inner.operation,
        inner.deadline,
        inner.attempt,
    )
    assert TENANT in inner
    assert TENANT not in outer


def test_with_value_replaces_a_value_in_the_copy_only() -> None:
    outer = Context("InvokeEndpoint").with_value(TENANT, "acme")

    inner = outer.with_value(TENANT, "emca")

    assert ("acme", "emca") == (outer[TENANT], inner[TENANT])


def test_the_context_of_an_attempt_keeps_the_values() -> None:
    ctx = Context("InvokeEndpoint", deadline=1.0).with_value(TENANT, "acme")

    past = (AttemptResult(1, None, 0.1), AttemptResult(2, None, 0.2))

    third = ctx.with_past(past)

    assert (1, 3) == (ctx.attempt, third.attempt)
    assert ((), past) == (ctx.past, third.past)
    assert past == third.with_value(TENANT, "emca").past
    assert ("InvokeEndpoint", 1.0) == (third.operation, third.deadline)
    assert "acme" == third[TENANT]


def test_a_missing_value_of_a_context_is_the_default() -> None:
    ctx = Context("InvokeEndpoint")

    assert ctx.get(TENANT) is None
    assert "nobody" == ctx.get(TENANT, "nobody")
    with pytest.raises(KeyError, match="tenant"):
        ctx[TENANT]


def test_keys_with_the_same_name_differ() -> None:
    other: Key[str] = Key("tenant")

    ctx = Context("InvokeEndpoint").with_value(TENANT, "acme")

    assert other not in ctx
    assert "Key('tenant')" == repr(other)


def test_metadata_stores_facts_under_keys() -> None:
    metadata = Metadata()

    metadata[TENANT] = "acme"
    metadata[DEPTH] = 2

    assert ("acme", 2) == (metadata[TENANT], metadata[DEPTH])
    assert [TENANT, DEPTH] == list(metadata)
    assert len(metadata) == 2
    assert TENANT in metadata
    assert "Metadata(tenant='acme', depth=2)" == repr(metadata)


def test_a_missing_fact_of_metadata_is_the_default() -> None:
    metadata = Metadata()

    assert metadata.get(TENANT) is None
    assert "nobody" == metadata.get(TENANT, "nobody")
    with pytest.raises(KeyError, match="tenant"):
        metadata[TENANT]


def test_the_standard_facts_are_properties() -> None:
    metadata, raw, endpoint = Metadata(), response(200), Endpoint("https://localhost")
    attempts = (
        AttemptResult(number=1, error=ConnectError("refused"), delay=0.05),
        AttemptResult(number=2, error=None, delay=None),
    )
    metadata[REQUEST_ID] = "r-1"
    metadata[HTTP_STATUS] = 200
    metadata[ATTEMPTS] = attempts
    metadata[ENDPOINT] = endpoint
    metadata[SENT_AT] = 1.0
    metadata[RESPONSE_AT] = 1.5
    metadata[RAW_RESPONSE] = raw

    assert ("r-1", 200, 1.0, 1.5) == (
        metadata.request_id,
        metadata.http_status,
        metadata.sent_at,
        metadata.response_at,
    )
    assert attempts == metadata.attempts
    assert endpoint is metadata.endpoint
    assert raw is metadata.raw_response


def test_missing_standard_facts_are_none_or_empty() -> None:
    metadata = Metadata()

    facts = (
        metadata.request_id,
        metadata.http_status,
        metadata.endpoint,
        metadata.sent_at,
        metadata.response_at,
        metadata.raw_response,
    )

    assert {None} == set(facts)
    assert () == metadata.attempts
