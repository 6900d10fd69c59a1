from __future__ import annotations

import pytest

from sagemaker_rt.config.option_sources import OPTION_SOURCES
from sagemaker_rt.options import Options

BY_OPTION = {source.option: source for source in OPTION_SOURCES}


def test_every_source_is_of_an_option_that_may_be_unset() -> None:
    flat = Options().flat()

    assert [] == [s.option for s in OPTION_SOURCES if s.option not in flat]
    assert all(flat[source.option] is None for source in OPTION_SOURCES)


def test_an_option_has_one_source() -> None:
    assert len(OPTION_SOURCES) == len(BY_OPTION)


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("use_fips_endpoint", "TRUE", True),
        ("correct_clock_skew", "true", False),
        ("retry_mode", "Adaptive", "adaptive"),
        ("retry_rules", "false", "pre-2026"),
        ("max_attempts", "0", None),
        ("max_attempts", "4", 4),
        ("defaults_mode", "CROSS-REGION", "cross-region"),
        ("region", "eu-west-1", "eu-west-1"),
        ("https_proxy", "a:1", "http://a:1"),
    ],
)
def test_text_is_read_as_the_option_has_it(
    option: str, text: str, value: object
) -> None:
    assert value == BY_OPTION[option].parse(text)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("use_fips_endpoint", "yes"),
        ("retry_mode", "fast"),
        ("max_attempts", "-1"),
        ("max_attempts", "three"),
        ("defaults_mode", "fast"),
        ("http_proxy", "socks5://a:1"),
    ],
)
def test_text_that_cannot_be_is_refused(option: str, text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        BY_OPTION[option].parse(text)
