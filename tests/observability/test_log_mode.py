from __future__ import annotations

from sagemaker_rt.observability.log_mode import LogMode


def test_nothing_is_logged_by_default() -> None:
    assert LogMode.OFF == LogMode(0)
    assert not LogMode.OFF


def test_modes_can_be_combined() -> None:
    both = LogMode.REQUEST | LogMode.RESPONSE

    assert LogMode.REQUEST in both
    assert LogMode.SIGNING not in both


def test_every_mode_of_the_go_sdk_exists() -> None:
    """The modes are those of aws.ClientLogMode in the AWS SDK for Go v2."""
    assert {
        "SIGNING",
        "RETRIES",
        "REQUEST",
        "REQUEST_WITH_BODY",
        "RESPONSE",
        "RESPONSE_WITH_BODY",
        "DEPRECATED_USAGE",
        "REQUEST_EVENT_MESSAGE",
        "RESPONSE_EVENT_MESSAGE",
    } == {mode.name for mode in LogMode}
