"""The features of HTTP."""

from __future__ import annotations

from typing import Final

from tests.features.row import IDIOM, N_OP, NATIVE, Row

__all__ = ["HTTP"]

_CONNECTIONS: Final = (
    Row(
        "HTTPClient, http_client: one's own",
        "G J H E boto",
        NATIVE,
        "`http_client`, `with_http_client`",
        "tests/test_calls.py::test_an_http_client_that_was_given_stays_open",
    ),
    Row(
        "connector_args, http_session_cls: a session of aiohttp's",
        "boto",
        NATIVE,
        "`AiohttpClient`",
        "tests/transport/test_given_session.py::test_the_traces_of_a_given_session_see_the_requests",
    ),
    Row(
        "http_open_timeout, connectTimeout",
        "R J boto",
        NATIVE,
        "`connect_timeout`, `with_connect_timeout`",
        "tests/transport/test_aiohttp.py::test_a_connection_that_does_not_come_to_be_is_given_up",
    ),
    Row(
        "http_read_timeout, timeout",
        "R J H boto",
        NATIVE,
        "`read_timeout`, `with_read_timeout`",
        "tests/transport/test_aiohttp.py::test_a_head_that_does_not_come_is_given_up",
    ),
    Row(
        "a time limit of one call",
        "G boto",
        NATIVE,
        "`with_read_timeout`, `with_total_timeout`",
        "tests/test_client_options.py::test_options_of_a_call_are_for_that_call_alone",
    ),
    Row(
        "ssl_timeout",
        "R",
        NATIVE,
        "`connect_timeout` bounds the handshake too",
        "tests/transport/test_aiohttp.py::test_a_handshake_that_does_not_go_on_is_given_up",
    ),
    Row(
        "http_idle_timeout",
        "R G boto",
        NATIVE,
        "`keepalive_timeout`",
        "tests/transport/test_connector.py::test_an_idle_connection_is_kept_for_a_time",
    ),
    Row(
        "http_continue_timeout",
        "R",
        NATIVE,
        "`expect_continue`, `continue_timeout`",
        "tests/transport/test_upload.py::test_a_large_body_is_sent_without_leave_after_a_time",
    ),
    Row(
        "http_proxy, proxy: and the environment's proxies",
        "G R J boto",
        NATIVE,
        "`proxy`, `https_proxy`, `http_proxy`, `no_proxy`",
        "tests/transport/test_proxies.py::test_a_client_goes_by_the_proxies_of_its_environment",
    ),
    Row(
        "agent, max_pool_connections: how many connections",
        "G J boto",
        NATIVE,
        "`max_connections`, `max_connections_per_host`",
        "tests/transport/test_connector.py::test_a_host_has_no_more_connections_than_it_may",
    ),
    Row(
        "tcp_keepalive",
        "G boto",
        NATIVE,
        "`tcp_keepalive`",
        "tests/transport/test_connector.py::test_silent_connections_are_probed_or_not",
    ),
    Row(
        "browsers' options: xhrAsync, xhrWithCredentials",
        "J",
        N_OP,
        "there is no browser",
        "tests/porting/test_javascript.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "ssl_verify_peer: certificates are verified, or not",
        "R boto",
        NATIVE,
        "`verify_ssl`",
        "tests/options/test_tls.py::test_whoever_does_not_verify_is_warned_once",
    ),
    Row(
        "ssl_ca_bundle, ssl_ca_directory, ssl_ca_store: whom to trust",
        "R boto",
        NATIVE,
        "`ca_bundle`, `ca_directory`, `ssl_context`",
        "tests/options/test_tls.py::test_bundle_and_directory_are_trusted_together",
    ),
    Row(
        "ssl_cert, ssl_key: a client's certificate",
        "R boto",
        NATIVE,
        "`client_cert`, `client_key`",
        "tests/options/test_tls.py::test_a_client_shows_its_certificate",
    ),
)

_BODIES: Final = (
    Row(
        "on_chunk_sent, on_chunk_received",
        "R",
        NATIVE,
        "`with_on_chunk_sent`, `with_on_chunk_received`",
        "tests/stories/test_bodies_on_their_way.py::test_bodies_are_told_of_both_ways",
    ),
    Row(
        "response_target",
        "R",
        NATIVE,
        "`with_response_target`",
        "tests/stories/test_bodies_on_their_way.py::test_an_answer_goes_to_whatever_takes_it",
    ),
    Row(
        "raise_response_errors=false",
        "R",
        IDIOM,
        "`asyncio.gather(..., return_exceptions=True)`",
        "tests/features/test_idioms_of_calls.py::test_errors_are_returned_beside_outputs_by_gather",
    ),
    Row(
        "{:ok, ...} and {:error, ...}",
        "E",
        IDIOM,
        "`try` and `except`",
        "tests/features/test_idioms_of_calls.py::test_an_ok_or_error_tuple_is_a_try_of_four_lines",
    ),
    Row(
        "the error of a result",
        "R J",
        IDIOM,
        "`task.exception()`",
        "tests/features/test_idioms_of_calls.py::test_the_error_of_a_call_is_asked_of_its_task",
    ),
    Row(
        "send_body_as_binary?, receive_body_as_binary?",
        "E",
        N_OP,
        "they are always bytes",
        "tests/porting/test_elixir.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "json_module",
        "E",
        IDIOM,
        "`json.dumps`, `json.loads`, or orjson's",
        "tests/features/test_idioms_of_calls.py::test_a_codec_is_two_functions_around_a_call",
    ),
    Row(
        "xml_module",
        "E",
        N_OP,
        "the service speaks no XML",
        "tests/porting/test_elixir.py::test_what_has_no_meaning_here_is_taken",
    ),
)

HTTP: Final = (*_CONNECTIONS, *_BODIES)
