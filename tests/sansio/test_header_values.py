from __future__ import annotations

import pytest

from sagemaker_rt.sansio.header_values import decode_value


@pytest.mark.parametrize("raw", ["Grüße".encode(), "Grüße".encode("latin-1")])
def test_a_value_is_utf_8_or_else_latin_1(raw: bytes) -> None:
    assert "Grüße" == decode_value(raw)
