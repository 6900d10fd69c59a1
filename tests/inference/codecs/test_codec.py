"""The interface of codecs."""

from __future__ import annotations

import pytest

from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec, JSONLinesCodec
from sagemaker_rt.inference.codecs.numpy_codecs import NPYCodec, NPZCodec
from sagemaker_rt.inference.codecs.text_codecs import RawCodec, TextCodec

CODECS: list[Codec] = [
    JSONCodec(),
    JSONLinesCodec(),
    CSVCodec(),
    NPYCodec(),
    NPZCodec(),
    TextCodec(),
    RawCodec(),
]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)
def test_the_codecs_of_the_library_have_the_interface(codec: Codec) -> None:
    assert isinstance(codec, Codec)
    assert "/" in codec.content_type
    assert codec.accept in {codec.content_type, "*/*"}
    assert codec == type(codec)()
