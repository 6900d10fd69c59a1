from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta, ToolCallDelta, Usage


def test_a_delta_is_a_value() -> None:
    call = ToolCallDelta(0, "id", "name", "{")

    delta = TextDelta("a", usage=Usage(1, 2), tool_calls=(call,))

    assert delta == TextDelta("a", usage=Usage(1, 2), tool_calls=(call,))
    assert {delta} == {TextDelta("a", usage=Usage(1, 2), tool_calls=(call,))}
    with pytest.raises(AttributeError):
        delta.text = "b"  # type: ignore[misc] # it is frozen


def test_a_format_is_not_finished_at_its_start() -> None:
    class Whole(DeltaFormat):
        name = "whole"

        @classmethod
        def recognizes(cls, value: Mapping[str, Any]) -> bool:
            return bool(value)

        def read(self, value: Mapping[str, Any]) -> list[TextDelta]:
            return [TextDelta(raw=value)]

    assert Whole.has_end_mark
    assert not Whole().is_finished


def test_a_format_must_be_complete() -> None:
    class Half(DeltaFormat):
        name = "half"

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract] # this is the test
