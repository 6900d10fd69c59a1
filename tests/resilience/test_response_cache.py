from __future__ import annotations

import asyncio
import io
import pickle
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import (
    CACHE,
    AnonymousCredentials,
    ClientStateError,
    Credentials,
    CredentialsError,
    InvokeEndpointOutput,
    Options,
    OptionsError,
    RequestTimeoutError,
    ResponseCache,
    ServiceUnavailable,
    with_options,
    with_response_cache,
)
from sagemaker_rt.context import (
    HTTP_STATUS,
    PREPARE,
    RAW_RESPONSE,
    REQUEST_ID,
    Context,
    Metadata,
)
from sagemaker_rt.file_body import FileBody
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.stack import BuildInput, Output
from tests.doubles import CountingProvider, ManualClock, response
from tests.recording import RecordingMeterProvider
from tests.resilience.stacks import context, events, run_tasks, stack_of

ID = "ResponseCache"


def middleware(cache: ResponseCache, *opts: Any, **options: Any) -> Any:
    return stack_of(with_response_cache(cache), *opts, **options).build.get(ID)


def input_of(
    digest: str | None = "1", headers: dict[str, str] | None = None, **fields: Any
) -> BuildInput:
    request = Request(
        path="/endpoints/m/invocations", headers=Headers(headers or {}), **fields
    )
    request.payload_hash = digest
    return BuildInput(request)


class Service:
    """Counts the calls that are made, and answers each with its number."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, ctx: Context, input: Any) -> Output:
        self.count += 1
        metadata = Metadata({HTTP_STATUS: 200, REQUEST_ID: "r-1"})
        metadata[RAW_RESPONSE] = response()
        body = b"%d" % self.count
        return Output(
            InvokeEndpointOutput(body=body, metadata=metadata), None, metadata
        )


class Flights:
    """Equal calls that end when the test says so."""

    def __init__(self) -> None:
        self.cache = ResponseCache()
        self.run = middleware(self.cache)
        self.answers: list[asyncio.Future[Output]] = []
        self.tasks: list[asyncio.Task[Output]] = []

    async def begin(self, deadline: float | None = None) -> asyncio.Task[Output]:
        ctx = Context("InvokeEndpoint", deadline, params=context().params)

        async def end(ctx: Context, input: Any) -> Output:
            self.answers.append(asyncio.get_running_loop().create_future())
            return await self.answers[-1]

        self.tasks.append(asyncio.create_task(self.run(ctx, input_of(), end)))
        await run_tasks()
        return self.tasks[-1]

    async def results(self) -> list[Any]:
        await asyncio.wait(self.tasks)
        return [
            "cancelled"
            if task.cancelled()
            else task.exception() or task.result().result.body
            for task in self.tasks
        ]


def fine(body: bytes = b"x") -> Output:
    return Output(InvokeEndpointOutput(body=body))


@pytest.fixture
async def flights() -> AsyncIterator[Flights]:
    flights = Flights()
    yield flights
    assert 0 == len(flights.cache.flights)


def test_it_is_after_the_hash_of_the_body() -> None:
    steps = list(stack_of(with_response_cache()).build)

    assert steps.index("ComputePayloadHash") + 1 == steps.index(ID)


async def test_an_equal_call_is_answered_until_the_response_expires() -> None:
    clock, service = ManualClock(), Service()
    run = middleware(ResponseCache(ttl=10, time=clock))
    outputs = []
    for elapsed in (0, 9, 1):
        clock.advance(elapsed)
        outputs.append(await run(context(), input_of(), service))

    assert [b"1", b"1", b"2"] == [output.result.body for output in outputs]
    assert ["miss", "hit", "miss"] == [output.metadata[CACHE] for output in outputs]
    kept = outputs[1].result
    assert (200, "r-1") == (kept.http_status, kept.request_id)
    assert RAW_RESPONSE not in outputs[1].result.metadata


@pytest.mark.parametrize(
    "other",
    [
        input_of("2"),
        input_of(headers={"accept": "text/csv"}),
        input_of(query="a=1"),
    ],
    ids=["body", "member", "query"],
)
async def test_other_calls_are_made(other: BuildInput) -> None:
    service, run = Service(), middleware(ResponseCache())

    await run(context(), input_of(), service)
    await run(context(), other, service)

    assert 2 == service.count


async def test_headers_that_no_model_sees_make_no_difference() -> None:
    service, run = Service(), middleware(ResponseCache())
    for number in ("1", "2"):
        headers = {
            "amz-sdk-invocation-id": number,
            "x-amzn-sagemaker-prefix-aware-id": number,
        }
        await run(context(), input_of(headers=headers), service)

    assert 1 == service.count


async def test_other_callers_get_other_responses() -> None:
    cache, service = ResponseCache(), Service()
    other = with_options(credentials=Credentials("AKIDOTHER", "s"))

    await middleware(cache)(context(), input_of(), service)
    await middleware(cache, other)(context(), input_of(), service)
    await middleware(cache)(context(), input_of(), service)

    assert 2 == service.count


@pytest.mark.parametrize(
    ("ctx", "input"),
    [
        (context(session_id="s-1"), input_of()),
        (context().with_value(PREPARE, True), input_of()),
        (Context("InvokeEndpointWithResponseStream"), input_of()),
        (Context("InvokeEndpointAsync"), input_of()),
        (context(), input_of(None, body=FileBody(io.BytesIO(b"x")))),
    ],
    ids=["session", "prepare", "stream", "async", "unhashed file"],
)
async def test_some_calls_are_always_made(ctx: Context, input: BuildInput) -> None:
    service, run = Service(), middleware(ResponseCache())

    await run(ctx, input, service)
    await run(ctx, input, service)

    assert 2 == service.count


async def test_bodies_that_are_not_signed_are_hashed_here() -> None:
    service = Service()
    run = middleware(ResponseCache(), with_options(credentials=AnonymousCredentials()))

    for body in (b"a", b"a", b"b"):
        await run(context(), input_of(None, body=body), service)

    assert 2 == service.count


async def test_credentials_are_retrieved_for_the_first_call() -> None:
    provider, service = CountingProvider(), Service()
    run = middleware(ResponseCache(), with_options(credentials=provider))
    for _ in range(2):
        await run(context(), input_of(), service)

    assert (1, 1) == (provider.count, service.count)


async def test_without_credentials_the_call_itself_fails() -> None:
    class Failing:
        async def retrieve(self) -> Credentials:
            message = "none"
            raise CredentialsError(message)

    service = Service()
    run = middleware(ResponseCache(), with_options(credentials=Failing()))
    await run(context(), input_of(), service)
    await run(context(), input_of(), service)

    assert 2 == service.count


@pytest.mark.parametrize(
    "output",
    [
        Output("of another middleware"),
        Output(InvokeEndpointOutput(body=b"", new_session_id="s")),
        Output(InvokeEndpointOutput(body=b"", closed_session_id="s")),
    ],
    ids=["custom", "opened", "closed"],
)
async def test_some_responses_are_not_kept(output: Output) -> None:
    cache = ResponseCache()

    async def end(ctx: Context, input: Any) -> Output:
        return output

    assert output is await middleware(cache)(context(), input_of(), end)
    assert 0 == len(cache.responses)
    assert 0 == len(cache.flights)


async def test_the_size_is_that_of_the_bodies_and_can_be_cleared() -> None:
    cache = ResponseCache(max_bytes=3000)
    for digest in "1234":
        await middleware(cache)(context(), input_of(digest), Service())
    before = (len(cache.responses), cache.responses.size)
    cache.clear()

    assert (2, 2 * 1025) == before
    assert 0 == len(cache.responses)


async def test_equal_calls_in_flight_are_made_once(flights: Flights) -> None:
    for _ in range(3):
        await flights.begin()
    flights.answers[0].set_result(fine())

    assert [b"x"] * 3 == await flights.results()
    assert ["miss", "joined", "joined"] == [
        task.result().metadata[CACHE] for task in flights.tasks
    ]
    assert 1 == len(flights.answers)


async def test_an_error_is_that_of_all_and_is_not_kept(flights: Flights) -> None:
    for _ in range(3):
        await flights.begin()
    error = ServiceUnavailable("busy")
    error.add_note("attempt 3 of 3")
    flights.answers[0].set_exception(error)

    results = await flights.results()

    assert ["busy (HTTP 503)"] * 3 == list(map(str, results))
    assert 3 == len(set(map(id, results)))
    assert 3 == len({id(result.__notes__) for result in results})
    assert "joined" == results[1].metadata[CACHE]
    assert 0 == len(flights.cache.responses)


@pytest.mark.parametrize("error", [ClientStateError("closed"), ZeroDivisionError()])
async def test_an_error_of_the_leader_alone_passes_the_lead_on(
    flights: Flights, error: Exception
) -> None:
    for _ in range(3):
        await flights.begin()
    flights.answers[0].set_exception(error)
    await run_tasks()
    flights.answers[1].set_result(fine())

    assert [error, b"x", b"x"] == await flights.results()


async def test_the_timeout_of_the_leader_alone_passes_the_lead_on(
    flights: Flights,
) -> None:
    await flights.begin(deadline=asyncio.get_running_loop().time() + 100)
    await flights.begin()
    error = RequestTimeoutError("late")
    flights.answers[0].set_exception(error)
    await run_tasks()
    shared = RequestTimeoutError("read_timeout")
    await flights.begin()
    flights.answers[1].set_exception(shared)

    results = await flights.results()

    assert [error, shared] == results[:2]
    assert "read_timeout" == str(results[2])


async def test_a_cancelled_leader_passes_the_lead_on(flights: Flights) -> None:
    for _ in range(3):
        await flights.begin()
    flights.tasks[0].cancel()
    await run_tasks()
    flights.answers[1].set_result(fine())

    assert ["cancelled", b"x", b"x"] == await flights.results()


async def test_a_cancelled_follower_ends_no_other_call(flights: Flights) -> None:
    for _ in range(3):
        await flights.begin()
    flights.tasks[1].cancel()
    await run_tasks()
    flights.answers[0].set_result(fine())

    assert [b"x", "cancelled", b"x"] == await flights.results()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_leader_and_followers_may_be_cancelled_at_once(
    flights: Flights, order: tuple[int, int]
) -> None:
    for _ in range(4):
        await flights.begin()
    for number in order:
        flights.tasks[number].cancel()
    await asyncio.sleep(0)
    flights.tasks[2].cancel()  # it leads by now, and has not run yet
    await run_tasks()
    flights.answers[-1].set_result(fine())

    assert ["cancelled"] * 3 + [b"x"] == await flights.results()


async def test_a_follower_has_its_own_time(flights: Flights) -> None:
    await flights.begin()
    late = await flights.begin(deadline=asyncio.get_running_loop().time() + 0.001)

    with pytest.raises(RequestTimeoutError, match="an equal call") as caught:
        await late

    assert caught.value.may_have_executed
    flights.answers[0].set_result(fine())
    await flights.tasks[0]


def test_calls_of_a_closed_loop_are_forgotten() -> None:
    cache = ResponseCache()
    run = middleware(cache)

    async def stop(ctx: Context, input: Any) -> Output:
        return await asyncio.Event().wait() and Output()

    loop = asyncio.new_event_loop()
    tasks: list[Any] = [
        loop.create_task(run(context(), input_of(), stop)) for _ in range(2)
    ]
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    for task in tasks:
        task._log_destroy_pending = False
        task.get_coro().close()

    assert 0 == len(cache.flights)


async def test_a_cache_without_time_only_joins_calls() -> None:
    service, run = Service(), middleware(ResponseCache(ttl=0))

    for _ in range(2):
        await run(context(), input_of(), service)

    assert 2 == service.count


async def test_calls_are_counted_by_their_answers() -> None:
    provider = RecordingMeterProvider()
    run = middleware(ResponseCache(), meter_provider=provider)
    service = Service()

    await asyncio.gather(*(run(context(), input_of(), service) for _ in range(2)))
    await run(context(), input_of(), service)

    assert ["hit", "miss"] == sorted(set(events(provider, "response_cache")))


@pytest.mark.parametrize(
    "option",
    [
        with_options(response_target=io.BytesIO()),
        with_options(on_chunk_received=lambda *_: None),
    ],
    ids=["target", "progress"],
)
def test_calls_that_write_elsewhere_are_not_answered(option: Any) -> None:
    assert (
        ID not in stack_of(with_response_cache(), option, with_response_cache()).build
    )


def test_the_later_of_two_replaces_the_earlier() -> None:
    cache = ResponseCache()
    stack = stack_of(with_response_cache(), with_response_cache(cache))

    assert 1 == list(stack.build).count(ID)


def test_it_pickles_with_its_settings() -> None:
    cache = ResponseCache(ttl=5)
    options = with_response_cache(cache)(Options())

    (copied,) = pickle.loads(pickle.dumps(options)).api_options  # noqa: S301 - our own

    assert repr(cache) == repr(copied)
    assert "ttl=5" in repr(copied)


@pytest.mark.parametrize("name", ["ttl", "max_bytes", "max_items"])
def test_a_negative_setting_is_refused(name: str) -> None:
    with pytest.raises(OptionsError, match=f"{name} must be"):
        ResponseCache(**{name: -1})  # type: ignore[arg-type] # a name of a number
