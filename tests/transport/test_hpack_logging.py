from __future__ import annotations

import logging

import pytest
from hpack import Decoder, Encoder

from sagemaker_rt.transport.hpack_logging import silence_hpack


def test_no_header_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    silence_hpack()
    caplog.set_level(logging.DEBUG)
    encoder, decoder = Encoder(), Decoder()
    encoder.header_table_size = 64

    for value in ("first-secret", "second-secret"):
        decoder.decode(encoder.encode([("authorization", value)]))
    logging.getLogger("hpack.hpack").warning("a warning")

    assert ["a warning"] == caplog.messages
