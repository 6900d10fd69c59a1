"""The features of further attempts."""

from __future__ import annotations

from typing import Final

from tests.features.row import N_OP, NATIVE, Row

__all__ = ["RETRY"]

RETRY: Final = (
    Row(
        "Retryer: one's own",
        "G",
        NATIVE,
        "`retryer`, `with_retryer`",
        "tests/test_calls.py::test_the_options_choose_the_retryer",
    ),
    Row(
        "RetryMode, retry_mode",
        "G R boto",
        NATIVE,
        "`retry_mode`, `with_retry_mode`",
        "tests/test_calls.py::test_the_options_choose_the_retryer",
    ),
    Row(
        "RetryMaxAttempts, max_attempts, maxRetries, retry_limit",
        "G R J H E boto",
        NATIVE,
        "`max_attempts`, `with_max_attempts`: the first counts",
        "tests/middleware/test_retry.py::test_attempts_are_made_until_one_succeeds",
    ),
    Row(
        "standard delays, with full jitter",
        "G R boto",
        NATIVE,
        "`retry_mode`: standard",
        "tests/conformance/test_retry_vectors.py::test_attempts_quota_and_delays_are_those_of_the_sdks",
    ),
    Row(
        "the rules before 2026",
        "G R boto",
        NATIVE,
        "`retry_rules`, `with_retry_rules`",
        "tests/sansio/test_retry.py::test_the_rules_before_2026_know_one_delay_and_dearer_timeouts",
    ),
    Row(
        "x-amz-retry-after",
        "G boto",
        NATIVE,
        "always",
        "tests/sansio/test_retry.py::test_the_service_may_lengthen_a_delay_by_five_seconds_at_most",
    ),
    Row(
        "retry quota",
        "G R boto",
        NATIVE,
        "`RetryQuota`",
        "tests/sansio/test_retry.py::test_an_exhausted_quota_is_told_as_the_reason",
    ),
    Row(
        "what is tried again",
        "G R J boto",
        NATIVE,
        "`RetryPolicy`",
        "tests/sansio/test_retry.py::test_an_error_that_another_attempt_would_not_mend_is_final",
    ),
    Row(
        "a model that is being loaded is asked again",
        "boto",
        NATIVE,
        "`model_not_ready_timeout`, `with_model_not_ready_timeout`",
        "tests/middleware/test_retry.py::test_a_model_that_is_loading_is_asked_until_it_is_ready",
    ),
    Row(
        "a model that failed is run again",
        "",
        NATIVE,
        "`retry_model_errors`, `with_retry_model_errors`",
        "tests/sansio/test_retry.py::test_a_model_is_run_again_for_the_statuses_that_the_caller_names",
    ),
    Row(
        "no second run after an answer that is missing",
        "",
        NATIVE,
        "`retry_ambiguous`, `with_retry_ambiguous`",
        "tests/middleware/test_retry.py::test_an_ambiguous_failure_is_not_repeated",
    ),
    Row(
        "adaptive mode",
        "G R boto",
        NATIVE,
        "`retry_mode`: adaptive",
        "tests/conformance/test_adaptive_vectors.py::test_a_client_is_limited_as_by_botocore",
    ),
    Row(
        "adaptive_retry_wait_to_fill",
        "R",
        NATIVE,
        "`adaptive_wait`, `with_adaptive_wait`",
        "tests/middleware/test_adaptive_rate_limit.py::test_instead_of_waiting_a_call_may_fail",
    ),
    Row(
        "retry_base_delay, retry_max_delay, retry_jitter, retry_backoff",
        "R",
        NATIVE,
        "`with_retry_base_delay`, `with_retry_max_delay`, `with_retry_jitter`",
        "tests/sansio/test_backoff.py::test_legacy_jitter_shortens_a_delay",
    ),
    Row(
        "retryDelayOptions.base, customBackoff",
        "J",
        NATIVE,
        "`with_retry_base_delay`, `with_custom_backoff`",
        "tests/sansio/test_retry.py::test_a_negative_delay_ends_the_call",
    ),
    Row(
        "maxRedirects: redirects are followed",
        "J G",
        NATIVE,
        "`max_redirects`, `with_max_redirects`: within the host",
        "tests/stories/test_redirects.py::test_a_call_goes_where_it_is_led",
    ),
    Row(
        "retry_opts: full jitter up to a cap",
        "E",
        NATIVE,
        '`retry_jitter`: "full"',
        "tests/porting/test_elixir.py::test_a_setting_leads_to_its_option",
    ),
    Row(
        "enable_retries?",
        "E",
        NATIVE,
        '`retry_mode`: "off"',
        "tests/test_calls.py::test_the_options_choose_the_retryer",
    ),
    Row(
        "retry_num",
        "E",
        N_OP,
        "attempts are counted here",
        "tests/porting/test_elixir.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "what came of each attempt",
        "G",
        NATIVE,
        "`output.metadata.attempts` of `AttemptResult`",
        "tests/middleware/test_retry.py::test_an_error_tells_the_operation_and_the_attempts",
    ),
    Row(
        "amz-sdk-request, amz-sdk-invocation-id",
        "G R J boto",
        NATIVE,
        "always",
        "tests/middleware/test_retry.py::test_every_attempt_says_its_number_and_how_many_there_may_be",
    ),
)
