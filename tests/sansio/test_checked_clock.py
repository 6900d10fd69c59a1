from __future__ import annotations

import time
from typing import Any

import pytest

from sagemaker_rt.errors import ComponentError, OptionsError
from sagemaker_rt.sansio.checked_clock import checked_clock


def test_a_builtin_clock_is_used_as_it_is() -> None:
    assert time.time is checked_clock(time.time)


def test_a_custom_clock_is_read() -> None:
    assert 5.0 == checked_clock(lambda: 5.0)()


def test_an_exception_of_a_custom_clock_is_wrapped() -> None:
    cause = KeyError("now")

    def broken() -> float:
        raise cause

    with pytest.raises(ComponentError) as caught:
        checked_clock(broken)()

    assert ("clock", cause) == (caught.value.component, caught.value.__cause__)


def test_an_error_of_this_library_is_not_wrapped() -> None:
    def broken() -> float:
        raise OptionsError

    with pytest.raises(OptionsError):
        checked_clock(broken)()


@pytest.mark.parametrize("seconds", [None, "1", float("nan"), -1.0, 1.7e12])
def test_a_time_that_is_no_date_names_the_clock(seconds: Any) -> None:
    with pytest.raises(ComponentError, match="seconds since 1970") as caught:
        checked_clock(lambda: seconds)()

    assert "clock" == caught.value.component
