from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt import ModelError
from sagemaker_rt.sansio.eventstream import Message, encode_message
from sagemaker_rt.sansio.eventstream_headers import Short
from tests.fuzz.__main__ import main
from tests.fuzz.engine import NAMES, Failure, Report, chunks, run, run_with
from tests.fuzz.frames import check_messages
from tests.fuzz.inputs import check_request
from tests.fuzz.mutation import BrokenRuleError, Chance
from tests.fuzz.responses import check_complete

CASES = 400


@pytest.mark.parametrize("seed", [1, 2026])
@pytest.mark.parametrize("name", NAMES)
def test_all_outcomes_are_values_or_typed_errors(name: str, seed: int) -> None:
    report = run(name, seed, range(CASES))

    assert [] == report.failures
    assert CASES == sum(report.outcomes.values())
    assert len(report.outcomes) > 2


@pytest.mark.parametrize("name", NAMES)
@given(number=st.integers(min_value=0))
def test_any_seed_has_no_failures(name: str, number: int) -> None:
    report = run(name, number, [0])

    assert [] == report.failures


async def broken(chance: Chance) -> str:
    number = chance.randrange(10)
    if number == 7:
        raise KeyError(number)
    if number == 8:
        problem = "a rule"
        raise BrokenRuleError(problem)
    if number == 9:
        raise ModelError
    return "value"


async def test_other_exceptions_are_failures_that_can_be_repeated() -> None:
    report = await run_with(broken, "broken", 1, range(100))

    assert {"value", "ModelError", "FAILURE"} == report.outcomes.keys()
    assert len(report.failures) == report.outcomes["FAILURE"] > 1
    problems = {failure.problem.partition(" at ")[0] for failure in report.failures}
    assert {"KeyError(7)", "BrokenRuleError('a rule')"} == problems
    for failure in report.failures:
        repeated = await run_with(broken, "broken", failure.seed, [failure.case])
        assert [failure] == repeated.failures


def test_reports_of_one_target_are_added() -> None:
    one, other = run("errors", 1, range(10)), run("errors", 1, range(10, 20))

    both = one + other

    assert run("errors", 1, range(20)) == both


def test_cases_are_split_into_ranges() -> None:
    assert [("a", range(4)), ("a", range(4, 8)), ("a", range(8, 9))] == [
        *chunks("a", 9, 4)
    ]


def test_the_command_prints_a_report_for_each_target(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["--cases", "60", "--processes", "2", "--seed", "3"])

    printed = capsys.readouterr().out
    assert 0 == status
    for name in NAMES:
        assert f"\n{name}: " in printed
    assert "\nframes: 21 cases, 0 failures" in printed


def test_the_command_repeats_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--replay", "frames", "1", "17"])

    assert 0 == status
    assert "frames: 1 cases, 0 failures" in capsys.readouterr().out


def test_a_failure_is_printed_with_its_replay_arguments() -> None:
    report = Report("frames", failures=[Failure("frames", 1, 17, "KeyError()")])

    assert "--replay frames 1 17" in str(report)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [Message({"n": 8}, b"part")],
        [Message({"n": True}, b"part")],
        [Message({"n": Short(7)}, b"par")],
        [Message({"n": Short(7)}, b"part"), Message({}, b"")],
    ],
)
def test_messages_that_differ_from_botocore_are_detected(
    messages: list[Message],
) -> None:
    data = encode_message({"n": Short(7)}, b"part")

    check_messages(data, [Message({"n": Short(7)}, b"part")], None)
    with pytest.raises(BrokenRuleError):
        check_messages(data, messages, None)


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"


@pytest.mark.parametrize("data", [WHOLE, CHUNKS])
def test_a_truncated_response_is_detected(data: bytes) -> None:
    check_complete([b"body"], data, is_stream=False)

    for end in range(len(data)):
        with pytest.raises(BrokenRuleError):
            check_complete([b"body"], data[:end], is_stream=False)
    with pytest.raises(BrokenRuleError):
        check_complete([b"bod"], data, is_stream=False)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\nbody",
        b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 44\r\n" + CHUNKS.partition(b"\r\n")[2],
        CHUNKS.replace(b"chunked", b"gzip, chunked"),
        CHUNKS.replace(b"4\r\n", b"5\r\n"),
        CHUNKS.replace(b"4\r\n", b"-4\r\n"),
    ],
)
def test_a_response_with_an_ambiguous_end_is_detected(data: bytes) -> None:
    with pytest.raises(BrokenRuleError):
        check_complete([b"body"], data, is_stream=False)


def test_informational_responses_are_skipped() -> None:
    data = b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + WHOLE

    check_complete([b"body"], data, is_stream=False)


REQUEST = (
    b"POST /p/endpoints/m/invocations HTTP/1.1\r\nhost: a.example\r\n"
    b"accept: a/b\r\ncontent-length: 4\r\n\r\nbody"
)


@pytest.mark.parametrize(
    "data",
    [
        REQUEST + REQUEST,
        REQUEST[:-1],
        REQUEST.replace(b"\r\naccept", b"\naccept"),
        REQUEST.replace(b"a/b", b"a/\x00b"),
        REQUEST.replace(b"accept", b"x-other: x\r\naccept"),
        REQUEST.replace(b"accept", b"content-length: 4\r\naccept"),
        REQUEST.replace(b"a/b", b"a/c"),
        REQUEST.replace(b"/p/", b"/../"),
        REQUEST.replace(b"/m/", b"/m /"),
        REQUEST.replace(b"host: a", b"host: b"),
        REQUEST.replace(b"body", b"boby"),
        REQUEST.replace(b"POST", b"PUT"),
        REQUEST.replace(b"POST", b"CONNECT"),
    ],
)
def test_an_unexpected_request_is_detected(data: bytes) -> None:
    url, path, accept = "http://a.example/p/", "/endpoints/m/invocations", "a/b"

    check_request(REQUEST, url, path, {"Accept": accept}, b"body")

    with pytest.raises(BrokenRuleError):
        check_request(data, url, path, {"Accept": accept}, b"body")
