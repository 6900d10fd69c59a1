"""Options for streams in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options


@pytest.mark.parametrize(
    "wrong",
    [
        {"duplex_client": object()},
        {"ping_interval": -1},
        {"ping_timeout": 0},
        {"silence_timeout": "x"},
        {"pad_events": 1},
        {"normal_close_ends_stream": None},
    ],
)
def test_a_wrong_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match=next(iter(wrong))):
        Options(**wrong)


def test_the_defaults() -> None:
    streams = Options().streams

    assert (25.0, 20.0, None) == (
        streams.ping_interval,
        streams.ping_timeout,
        streams.silence_timeout,
    )
    assert not streams.pad_events
