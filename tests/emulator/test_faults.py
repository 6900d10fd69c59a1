from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.emulator.faults import (
    HANG_UP,
    RESET,
    BodyFault,
    CorruptChecksum,
    CutBody,
    CutStream,
    Ending,
    FailStream,
    Fault,
    FaultScript,
    SlowDrip,
    html_error,
    internal_dependency,
    internal_failure,
    null_message,
    redirect,
    service_unavailable,
    throttle,
)
from sagemaker_rt.emulator.responses import Answer
from sagemaker_rt.errors import CorruptMessageError
from sagemaker_rt.sansio.eventstream import EventStreamDecoder

FRAMES = (payload_part(b"one"), payload_part(b"two"), payload_part(b"three"))
INVOKE = "InvokeEndpoint"
STREAM = "InvokeEndpointWithResponseStream"


async def apply(fault: BodyFault, *frames: bytes) -> list[bytes]:
    async def source() -> AsyncGenerator[bytes]:
        for frame in frames:
            yield frame

    return [frame async for frame in fault.spoil(source())]


async def test_a_stream_is_cut_within_a_message() -> None:
    first, second, _ = FRAMES

    assert [first, second[:7]] == await apply(CutStream(), *FRAMES)


async def test_a_stream_is_cut_between_messages() -> None:
    first, second, _ = FRAMES

    frames = await apply(CutStream(frames=2, extra=0), *FRAMES)

    assert first + second == b"".join(frames)


async def test_a_stream_that_ends_before_the_cut_is_complete() -> None:
    assert [*FRAMES] == await apply(CutStream(frames=3), *FRAMES)


@pytest.mark.parametrize("after", range(8))
async def test_a_body_is_cut_after_some_bytes(after: int) -> None:
    pieces = await apply(CutBody(after=after), b"abc", b"def")

    assert b"abcdef"[:after] == b"".join(pieces)


@pytest.mark.parametrize("in_prelude", [True, False])
async def test_one_message_has_a_wrong_checksum(*, in_prelude: bool) -> None:
    fault = CorruptChecksum(frame=1, in_prelude=in_prelude)

    first, second, third = await apply(fault, *FRAMES)

    decoder = EventStreamDecoder()
    assert (FRAMES[0], FRAMES[2]) == (first, third)
    assert 1 == len(decoder.feed(first))
    with pytest.raises(CorruptMessageError):
        decoder.feed(second)


@pytest.mark.parametrize(("after", "whole"), [(0, 0), (2, 2), (9, 3)])
async def test_a_stream_fails_after_some_messages(after: int, whole: int) -> None:
    *frames, last = await apply(FailStream(after=after, message="why"), *FRAMES)

    (message,) = EventStreamDecoder().feed(last)
    assert [*FRAMES[:whole]] == frames
    assert "InternalStreamFailure" == message.headers[":exception-type"]
    assert {"Message": "why"} == json.loads(message.payload)


async def test_a_model_that_fails_in_a_stream_has_an_error_code() -> None:
    code = "ModelInvocationTimeExceeded"
    fault = FailStream(
        after=0, exception="ModelStreamError", message="m", error_code=code
    )

    (last,) = await apply(fault, *FRAMES)

    (message,) = EventStreamDecoder().feed(last)
    assert f'{{"ErrorCode":"{code}","Message":"m"}}'.encode() == message.payload


async def test_a_drip_sends_small_pieces() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()

    pieces = await apply(SlowDrip(size=2, pause=0.005), b"abc", b"d")

    assert [b"ab", b"c", b"d"] == pieces
    assert 0.015 <= loop.time() - start


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (throttle(), 429, "ThrottlingException"),
        (throttle(code="SlowDown"), 429, "SlowDown"),
        (internal_dependency(), 530, "InternalDependencyException"),
        (internal_failure(), 500, "InternalFailure"),
        (service_unavailable(), 503, "ServiceUnavailable"),
        (null_message(), 400, None),
        (redirect("http://127.0.0.1/"), 307, None),
        (html_error(), 502, None),
    ],
)
def test_predefined_errors_have_status_and_code(
    answer: Answer, status: int, code: str | None
) -> None:
    assert status == answer.status
    assert code == answer.headers.get("x-amzn-errortype")


def test_throttling_may_have_a_retry_after_header() -> None:
    assert "250" == throttle(retry_after=250).headers["x-amz-retry-after"]
    assert "x-amz-retry-after" not in throttle().headers


def test_the_null_message_is_the_only_member() -> None:
    assert b'{"message": null}' == null_message().body


def test_each_request_gets_the_next_fault() -> None:
    script = FaultScript()
    script.add(RESET)
    script.add(HANG_UP, times=2)

    taken = [script.take(INVOKE) for _ in range(4)]

    assert [RESET, HANG_UP, HANG_UP, None] == taken


def test_a_fault_may_apply_to_all_requests() -> None:
    script = FaultScript()
    script.add(RESET, times=None)

    assert {RESET} == {script.take(INVOKE) for _ in range(10)}
    assert 1 == len(script)


def test_a_script_can_be_cleared() -> None:
    script = FaultScript()
    script.add(RESET, times=None)

    script.clear()

    assert script.take(INVOKE) is None


def test_a_fault_may_apply_to_one_operation() -> None:
    script = FaultScript()
    script.add(RESET, operation=STREAM)

    assert [None, RESET] == [script.take(INVOKE), script.take(STREAM)]


def test_a_fault_may_apply_to_one_endpoint() -> None:
    script = FaultScript()
    script.add(RESET, endpoint_name="m")

    assert [None, RESET] == [script.take(INVOKE, "n"), script.take(INVOKE, "m")]


def test_s3_gets_only_the_faults_that_name_its_operations() -> None:
    script = FaultScript()
    script.add(RESET)
    script.add(HANG_UP, operation="GetObject")

    assert [HANG_UP, RESET] == [script.take("GetObject"), script.take(INVOKE)]


def test_a_stream_fault_does_not_apply_to_other_requests() -> None:
    script = FaultScript()
    fault = CutStream()
    script.add(fault)

    assert [None, fault] == [script.take(INVOKE), script.take(STREAM)]


def test_a_stream_fault_does_not_apply_to_s3() -> None:
    script = FaultScript()
    script.add(CutStream(), operation="GetObject")

    assert script.take("GetObject") is None


def test_the_openai_path_gets_faults_of_plain_streams() -> None:
    script = FaultScript()
    faults: list[Fault] = [
        CorruptChecksum(),
        CutStream(),
        FailStream(),
        SlowDrip(),
        RESET,
    ]
    for fault in faults:
        script.add(fault)

    taken = [script.take("ChatCompletions") for _ in faults]

    assert [faults[1], faults[3], RESET, None, None] == taken


@pytest.mark.parametrize("fault", [CutStream(), CutBody()])
def test_a_cut_closes_the_connection_by_default(fault: BodyFault) -> None:
    assert Ending.HANG_UP is fault.ending
