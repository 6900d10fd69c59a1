"""All resilience options on one client, over sockets."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Final, TypeAlias

import pytest
import uvloop

from sagemaker_rt import (
    NEW_SESSION,
    Budget,
    CircuitBreaker,
    CircuitOpenError,
    Client,
    ConcurrencyLimit,
    ConnectError,
    Failover,
    FailoverTarget,
    Hedging,
    InvokeEndpointOutput,
    Option,
    Options,
    RequestTimeoutError,
    ResponseCache,
    ShadowTraffic,
    TruncatedBodyError,
    WeightedVariants,
    with_budget,
    with_circuit_breaker,
    with_concurrency_limit,
    with_failover,
    with_hedging,
    with_response_cache,
    with_shadow_traffic,
    with_weighted_variants,
)
from sagemaker_rt.emulator import (
    RESET,
    CutStream,
    Emulator,
    InvocationRequest,
    ModelFailure,
    slow,
    tokens,
)
from sagemaker_rt.options import apply_options
from tests.resilience.stacks import KEYS, caller
from tests.stepping import LoopThread, Moment, Stepped
from tests.threads import run_in_threads
from tests.transport.pools import PoolCounts, pool_of, transport_of

Call: TypeAlias = Callable[[Client], Coroutine[Any, Any, bytes]]

OPERATIONS: Final = (
    "InvokeEndpoint",
    "InvokeEndpointWithResponseStream",
    "InvokeEndpointAsync",
    "InvokeEndpointWithBidirectionalStream",
)


class All:
    """One object of each class, and what must hold when no call is in flight."""

    def __init__(self) -> None:
        self.budget = Budget(calls=10_000, seconds=1000)
        self.failover = Failover(FailoverTarget(), FailoverTarget(endpoint_name="n"))
        self.shadow = ShadowTraffic(endpoint_name="shadow")
        self.cache = ResponseCache(ttl=0)
        self.hedging = Hedging(delay=0.001, budget=1)
        self.limit = ConcurrencyLimit(initial=4)
        self.breaker = CircuitBreaker(min_failures=3)

    @property
    def options(self) -> tuple[Option, ...]:
        return (
            with_budget(self.budget),
            with_failover(self.failover),
            with_weighted_variants(WeightedVariants({"AllTraffic": 1})),
            with_shadow_traffic(self.shadow),
            with_response_cache(self.cache),
            with_hedging(self.hedging),
            with_concurrency_limit(self.limit),
            with_circuit_breaker(self.breaker),
        )

    def client(self, emulator: Emulator, **fields: Any) -> Client:
        return caller(*self.options, endpoint_url=emulator.url, **fields)

    async def copies_have_ended(self) -> None:
        while self.shadow.tasks:
            await asyncio.wait(self.shadow.tasks)

    def assert_idle(self) -> None:
        """Check that nothing is in flight, and that nothing counts as a failure."""
        loads = self.limit.loads().values()
        assert {(0, 0)} >= {(load.in_flight, load.waiting) for load in loads}
        assert {"closed"} >= {*self.breaker.states().values()}
        assert {"closed"} == {state for _, state in self.failover.states("m")}
        assert 0 == len(self.cache.flights)
        assert not self.shadow.tasks


async def echo(incoming: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for message in incoming:
        yield message


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    models: dict[str, Any] = {
        **dict.fromkeys(("m", "n", "shadow"), slow(0.002)),
        "tokens": tokens(0.001),
    }
    with LoopThread() as thread:
        yield thread.enter(
            Emulator(credentials=KEYS, models=models, websocket_models={"m": echo})
        )


async def call(client: Client) -> bytes:
    return (await client.invoke_endpoint(endpoint_name="m", body=b"x")).body


async def call_twice(client: Client) -> bytes:
    results = await asyncio.gather(call(client), call(client))
    return results[0]


async def read(client: Client) -> bytes:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"x"
    ) as stream:
        return b"".join([part async for part in stream.iter_bytes()])


async def read_the_start(client: Client) -> bytes:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"x y z"
    ) as stream:
        return (await anext(stream.iter_bytes())).strip()


async def hold_a_session(client: Client) -> bytes:
    opened = await client.invoke_endpoint(
        endpoint_name="m", body=b"x", session_id=NEW_SESSION
    )
    assert opened.new_session is not None
    output = await client.invoke_endpoint(
        endpoint_name="m", body=b"x", session_id=opened.new_session.id
    )
    return output.body


async def converse(client: Client) -> bytes:
    async with client.invoke_endpoint_with_bidirectional_stream(
        endpoint_name="m"
    ) as stream:
        await stream.send_text("x")
        return str(await anext(stream.messages())).encode()


async def cancelled_at(number: int, moment: Moment, made: Call, client: Client) -> bool:
    """Cancel a call at a suspension; return whether it was still running."""
    steps: Stepped[bytes] = Stepped(made(client), number, moment)
    requests: list[int] = []

    async def wait() -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            assert b"x" == await steps
        finally:
            requests.append(task.cancelling())

    task = asyncio.create_task(wait())
    done, _ = await asyncio.wait([task], timeout=10)
    assert done
    assert (steps.was_cancelled, [steps.was_cancelled]) == (task.cancelled(), requests)
    return steps.was_cancelled


@pytest.mark.parametrize("moment", [Moment.AT_ONCE, Moment.LATER, Moment.ARRIVED])
@pytest.mark.parametrize(
    "made", [call, call_twice, read, read_the_start, hold_a_session, converse]
)
async def test_a_call_that_is_cancelled_at_any_suspension_leaves_nothing(
    made: Call, moment: Moment, emulator: Emulator
) -> None:
    everything = All()
    async with everything.client(emulator) as client:
        await call(client)
        number = 0
        while await cancelled_at(number, moment, made, client):
            await everything.copies_have_ended()
            everything.assert_idle()
            assert {asyncio.current_task()} == asyncio.all_tasks()
            assert 0 == pool_of(transport_of(client)).busy
            assert b"x" == await asyncio.wait_for(call(client), 30)
            number += 1
            assert number < 50

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert PoolCounts() == pool_of(transport_of(client))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_order_of_the_options_makes_no_difference(operation: str) -> None:
    options = All().options
    orders = [options[start:] + options[:start] for start in range(len(options))]
    orders += [order[::-1] for order in orders]
    # an option that is given twice counts once
    orders += [order + order for order in orders]

    stacks = {str(caller(*order).stack(operation)) for order in orders}

    assert 1 == len(stacks)


def test_all_of_them_pickle_with_their_settings() -> None:
    options = apply_options(Options(), All().options)

    copied = pickle.loads(pickle.dumps(options))  # noqa: S301 - our own

    assert [*map(repr, options.api_options)] == [*map(repr, copied.api_options)]


async def test_a_derived_client_and_a_call_share_the_objects(
    emulator: Emulator,
) -> None:
    everything = All()
    async with caller(endpoint_url=emulator.url) as client:
        derived = client.with_options(*everything.options)
        again = derived.with_options(*reversed(everything.options), max_attempts=1)

        await call(derived)
        await call(again)
        await client.invoke_endpoint(*everything.options, endpoint_name="m", body=b"x")
        await everything.copies_have_ended()

    assert 3 == everything.budget.spending.calls
    everything.assert_idle()


async def test_a_prepared_request_needs_nothing_and_changes_nothing() -> None:
    everything = All()
    nowhere = "http://127.0.0.1:9"
    async with caller(
        *everything.options, endpoint_url=nowhere, max_attempts=1
    ) as client:
        for _ in range(3):
            # a second request that fails too opens the circuit earlier
            with pytest.raises((ConnectError, CircuitOpenError)):
                await call(client)
        with pytest.raises(CircuitOpenError):
            await call(client)
        spent = with_budget(Budget(calls=0))
        before = everything.limit.loads(), everything.breaker.states()
        request = client.request("InvokeEndpoint", spent, endpoint_name="m", body=b"x")

        prepared, url = await request.prepare(), await request.presign()

    assert prepared.endpoint is not None
    assert url.startswith(prepared.endpoint.url)
    assert before == (everything.limit.loads(), everything.breaker.states())
    assert 4 == everything.budget.spending.calls


async def test_a_stream_that_breaks_frees_its_place_and_is_charged_once(
    emulator: Emulator,
) -> None:
    everything = All()
    emulator.deploy("cut", tokens(0.001))
    emulator.faults.add(CutStream(frames=1), times=None, endpoint_name="cut")
    async with everything.client(emulator, max_attempts=1) as client:
        stream = await client.invoke_endpoint_with_response_stream(
            endpoint_name="cut", body=b"x y z"
        )
        charged_before_its_end = everything.budget.spending.seconds
        with pytest.raises(TruncatedBodyError) as caught:
            [part async for part in stream.iter_bytes()]
        await everything.copies_have_ended()

    assert (0.0, 1) == (charged_before_its_end, everything.budget.spending.calls)
    assert caught.value.may_have_executed
    assert everything.budget.spending.seconds > 0
    everything.assert_idle()


async def test_a_model_that_may_have_run_is_not_run_elsewhere_after_a_refusal(
    emulator: Emulator,
) -> None:
    everything = All()
    everything.hedging = Hedging(delay=10)
    everything.breaker = CircuitBreaker(min_failures=1)
    emulator.deploy("reset", slow(0))
    emulator.faults.add(RESET, times=None, endpoint_name="reset")
    async with everything.client(emulator, retry_ambiguous=True) as client:
        with pytest.raises(CircuitOpenError) as caught:
            await client.invoke_endpoint(endpoint_name="reset", body=b"x")

    error = caught.value
    assert (1, True, True) == (
        error.attempts,
        error.request_sent,
        error.may_have_executed,
    )


async def test_a_failing_variant_for_the_copies_is_seen_by_no_caller(
    emulator: Emulator,
) -> None:
    async def divided(request: InvocationRequest) -> bytes:
        if request.production_variant == "new":
            raise ModelFailure(503, "it is overloaded")
        return request.body

    emulator.deploy("divided", divided, variants=("old", "new"))
    everything = All()
    everything.shadow = ShadowTraffic(target_variant="new")
    no_variants = with_weighted_variants(WeightedVariants({"old": 1}))
    async with everything.client(emulator) as client:
        for number in range(5):
            output = await client.invoke_endpoint(
                no_variants, endpoint_name="divided", body=b"%d" % number
            )
            await everything.copies_have_ended()
            assert b"%d" % number == output.body

    everything.assert_idle()


async def test_all_of_them_end_by_the_deadline_of_the_call(emulator: Emulator) -> None:
    everything = All()
    emulator.deploy("stuck", slow(30))
    async with everything.client(emulator, total_timeout=0.1) as client:
        calls = [
            client.invoke_endpoint(endpoint_name="stuck", body=b"%d" % (number % 4))
            for number in range(12)
        ]
        async with asyncio.timeout(10):
            results = await asyncio.gather(*calls, return_exceptions=True)

    # the circuit opens, and what has time left then is made at the other target
    assert {RequestTimeoutError, InvokeEndpointOutput} >= {*map(type, results)}
    assert RequestTimeoutError in map(type, results)
    loads = everything.limit.loads().values()
    assert {(0, 0)} == {(load.in_flight, load.waiting) for load in loads}
    assert (0, 12) == (len(everything.cache.flights), everything.budget.spending.calls)
    assert not everything.shadow.tasks


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_one_set_of_objects_serves_several_threads_and_then_others(
    new_loop: Callable[[], asyncio.AbstractEventLoop], emulator: Emulator
) -> None:
    everything = All()

    async def calls() -> None:
        async with everything.client(emulator) as client:
            for made in (call, call_twice, read, hold_a_session):
                assert b"x" == await made(client)

    async def leave_calls() -> None:
        client = everything.client(emulator)
        for made in (call, read, converse):
            asyncio.create_task(made(client))  # noqa: RUF006 - ended by the loop
        await asyncio.sleep(0.001)

    def use(_: int) -> None:
        for start in (calls, leave_calls, calls):
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(start())

    run_in_threads(use)

    assert everything.budget.spending.calls >= 4 * 2 * 6
    everything.assert_idle()
