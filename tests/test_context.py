from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    ENDPOINT,
    HTTP_STATUS,
    PREPARE,
    RAW_RESPONSE,
    REQUEST_ID,
    RESPONSE_AT,
    SENT_AT,
    AttemptResult,
    Context,
    ContextValues,
    Key,
    LastExchange,
    Metadata,
)
from sagemaker_rt.errors import ConnectError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.shapes import InvokeEndpointInput
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


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.__setitem__(TENANT, "emca"),
        lambda values: values.__delitem__(TENANT),
        lambda values: values.update({TENANT: "emca"}),
        lambda values: values.setdefault(DEPTH, 2),
        lambda values: values.pop(TENANT),
        lambda values: values.popitem(),
        lambda values: values.clear(),
        lambda values: values.__ior__({TENANT: "emca"}),
    ],
    ids=["set", "del", "update", "setdefault", "pop", "popitem", "clear", "ior"],
)
def test_values_are_changed_by_with_value_only(change: Callable[[Any], object]) -> None:
    ctx = Context("InvokeEndpoint").with_value(TENANT, "acme")

    with pytest.raises(TypeError, match=r"ctx\.with_value\(KEY, value\)"):
        change(ctx.values)

    assert {TENANT: "acme"} == ctx.values


def test_contexts_without_values_share_nothing_that_can_be_changed() -> None:
    values: Any = Context("InvokeEndpoint").values

    with pytest.raises(TypeError, match="with_value"):
        values[TENANT] = "acme"

    assert TENANT not in Context("InvokeEndpointAsync")


def test_a_context_keeps_no_dictionary_of_its_maker() -> None:
    values: dict[Key[Any], Any] = {TENANT: "acme"}
    ctx = Context("InvokeEndpoint", values=values)

    values[TENANT] = "emca"

    assert "acme" == ctx[TENANT]


@pytest.mark.parametrize(
    "name", ["operation", "deadline", "attempt", "values", "past", "tenant"]
)
def test_the_attributes_of_a_context_cannot_be_set(name: str) -> None:
    ctx = Context("InvokeEndpoint")

    with pytest.raises(AttributeError, match=name):
        setattr(ctx, name, None)


def test_a_context_shows_the_keys_of_its_values_only() -> None:
    ctx = Context("InvokeEndpoint", 1.5).with_value(TENANT, "acme")

    assert (
        "Context('InvokeEndpoint', deadline=1.5, attempt=1, "
        "values=ContextValues(tenant), past=())"
    ) == repr(ctx)


def test_values_are_hashable_if_each_value_is() -> None:
    first, second = (ContextValues({TENANT: "acme", DEPTH: n}) for n in (1, 1))

    assert (first, hash(first)) == (second, hash(second))
    assert first != first.with_value(DEPTH, 2)
    assert [TENANT, DEPTH] == list(first)
    with pytest.raises(TypeError, match="unhashable"):
        hash(ContextValues({TENANT: ["acme"]}))


def test_a_copy_of_a_key_is_the_key_and_keys_do_not_pickle() -> None:
    values = copy.deepcopy({TENANT: ["acme"]})

    assert ["acme"] == values[TENANT]
    with pytest.raises(TypeError, match=r"Key\('tenant'\).*does not pickle"):
        pickle.dumps(TENANT)
    with pytest.raises(TypeError, match="does not pickle"):
        pickle.dumps(ContextValues({TENANT: "acme"}))
    assert {} == pickle.loads(pickle.dumps(ContextValues()))  # noqa: S301 - written in the same line


def test_a_context_knows_a_call_that_is_only_prepared() -> None:
    ctx = Context("InvokeEndpoint")

    assert (False, True) == (ctx.is_prepare, ctx.with_value(PREPARE, True).is_prepare)


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


def test_a_context_has_the_input_of_its_call() -> None:
    params = InvokeEndpointInput(endpoint_name="m", body=b"")
    exchange = LastExchange()
    context = Context("InvokeEndpoint", params=params, last_exchange=exchange)

    later = context.with_value(DEPTH, 1).with_past(())

    assert ("m", params) == (later.endpoint_name, later.params)
    assert later.last_exchange is exchange


def test_a_context_gets_another_input() -> None:
    first = InvokeEndpointInput(endpoint_name="a", body=b"")
    second = InvokeEndpointInput(endpoint_name="b", body=b"")
    context = Context("InvokeEndpoint", params=first)

    assert context is context.with_params(first)
    assert "b" == context.with_params(second).endpoint_name
    assert "a" == context.endpoint_name
    assert Context("InvokeEndpoint").endpoint_name is None
