"""Every statement that the README makes about failures, and the tests that hold it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from sagemaker_rt.options import TimeoutOptions
from tests.faults.table import FAULTS

ROOT: Final = Path(__file__).parent.parent
SECTION: Final = "## When things go wrong\n"
BULLET: Final = re.compile(r"^- (.*(?:\n  .*)*)", re.MULTILINE)
LIMIT: Final = re.compile(r"^\| `(\w+)` \| (none|\d+ s) \|", re.MULTILINE)

HELD_BY: Final[dict[str, tuple[str, ...]]] = {
    "A request that was not sent is sent again": (
        "fault: nobody listens",
        "fault: the backlog is full",
        "fault: the handshake stalls",
        "fault: the handshake is reset",
    ),
    "A refused certificate, and a name that": (
        "fault: the certificate is for a wrong host",
        "fault: the certificate is untrusted",
        "fault: the name does not exist",
    ),
    "Throttling, and the statuses 500, 502, 503": (
        "fault: 500 comes for ever",
        "fault: 429 comes without a name",
        "fault: 503 comes, to be asked again after 1500 ms",
        "test_ten_thousand_delays_have_the_mean_of_full_jitter",
        "test_an_exhausted_quota_is_told_as_the_reason",
    ),
    "A request that may have been delivered": (
        "fault: the connection is reset after the request",
        "fault: the connection is ended after the request",
        "fault: no answer comes",
    ),
    "`retry_ambiguous=True`, for a client or a call": (
        "fault: the caller allows a second run, and the connection is reset once",
        "test_an_option_is_in_its_group",
    ),
    "On Linux, a reused connection that was closed": (
        "test_a_request_that_meets_a_closed_connection_was_not_delivered",
    ),
    "A body or a stream that breaks after a good head": (
        "fault: half a body comes, and the end",
        "fault: a stream ends inside a frame, in good order",
        "fault: the caller allows a second run, and half a body comes",
    ),
    "A model that fails is not run again": (
        "fault: the model fails",
        "test_a_model_is_run_again_for_the_statuses_that_the_caller_names",
    ),
    "A model that is being loaded is asked again": (
        "fault: the model is not ready five times",
        "test_waiting_for_a_model_is_limited_from_its_first_answer_on",
    ),
    "Credentials that the service refuses are renewed once": (
        "fault: ExpiredTokenException comes, and there is another key",
        "fault: ExpiredTokenException comes, and the source has the same key",
        "fault: ExpiredTokenException comes whatever the key",
    ),
    "A clock that is more than four minutes wrong": (
        "fault: a signature is refused, and the clocks agree",
        "fault: the server's clock was ten minutes ahead in the call before",
        "fault: the clocks differ, and are not to be corrected",
        "test_a_clock_that_is_about_right_is_left_alone",
    ),
    "`retry_mode` may also be `adaptive`": (
        "test_after_a_throttle_every_send_takes_a_token",
        "test_legacy_delays_double_from_three_tenths_up_to_their_limit",
        "test_off_makes_one_attempt_whatever_becomes_of_it",
    ),
    "A wait that would not end within `total_timeout`": (
        "test_a_delay_that_does_not_fit_fails_the_call_at_once",
        "test_a_call_ends_whatever_does_not",
    ),
    "`asyncio.timeout()` around a call bounds it too": (
        "test_an_enclosing_time_limit_is_not_taken_for_ours",
    ),
    "A call can be cancelled wherever it waits": (
        "test_a_call_can_be_cancelled_wherever_it_waits",
    ),
    "A stream that is left early closes its connection": (
        "test_what_is_cancelled_or_left_early_leaves_nothing_behind",
        "test_a_body_that_is_dropped_is_warned_of_and_its_connection_closed",
    ),
    "A client that was used before a fork": (
        "test_a_forked_process_is_refused",
        "test_another_event_loop_is_refused_while_its_own_lives",
        "test_a_client_goes_on_in_the_next_event_loop",
    ),
    "Redirects are errors, cookies are not kept": (
        "fault: 307 Temporary Redirect leads to another host",
        "fault: a cookie is set",
        "test_the_environment_is_not_asked_for_a_proxy_or_a_password",
        "test_a_call_goes_where_it_is_led",
        "test_a_redirect_to_another_host_sends_nothing_there",
        "fault: redirects are followed, and one leads to another name of this machine",
        "fault: redirects are followed, and one leads by GET",
    ),
    "A proxy is one that you name": (
        "fault: a proxy does what it should",
        "test_a_client_goes_by_the_proxies_of_its_environment",
        "test_a_proxy_in_code_takes_those_of_the_environment_out",
        "test_public_services_are_asked_by_the_proxy_and_near_ones_are_not",
        "test_metadata_is_asked_without_a_proxy",
        "test_a_container_is_asked_without_a_proxy",
        "test_who_names_hosts_in_code_keeps_the_proxies_of_the_environment",
    ),
    "Keys, tokens, signatures, bodies and custom attributes": (
        "test_no_secret_is_shown_anywhere",
    ),
}


def section() -> str:
    text = (ROOT / "README.md").read_text()
    return text.partition(SECTION)[2].partition("\n## ")[0]


def statements() -> list[str]:
    return [" ".join(bullet.split()) for bullet in BULLET.findall(section())]


def names_of_tests() -> Iterator[str]:
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name


def test_every_statement_is_held_by_a_test() -> None:
    unheld = [s for s in statements() if not s.startswith(tuple(HELD_BY))]
    unsaid = [b for b in HELD_BY if not any(s.startswith(b) for s in statements())]

    assert ([], []) == (unheld, unsaid)


def test_what_holds_a_statement_is_there() -> None:
    holders = {holder for held in HELD_BY.values() for holder in held}

    rows = {f"fault: {fault.name}" for fault in FAULTS}

    assert set() == holders - rows - set(names_of_tests())


def test_the_table_of_limits_says_what_the_options_are() -> None:
    options = attrs.asdict(TimeoutOptions())
    del options["defaults_mode"]  # which is a name for values of others
    options["connect_timeout"] = TimeoutOptions().per_attempt.connect

    said = {
        name: None if value == "none" else float(value.removesuffix(" s"))
        for name, value in LIMIT.findall(section())
    }

    assert options == said
