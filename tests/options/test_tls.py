from __future__ import annotations

import ssl

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options
from sagemaker_rt.options.tls import TLSOptions


def test_by_default_the_system_decides_whom_to_trust() -> None:
    assert TLSOptions().ssl_context is None


def test_a_context_is_taken_as_it_is() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    assert context is Options(ssl_context=context).tls.ssl_context


def test_a_path_is_no_context() -> None:
    with pytest.raises(OptionsError) as caught:
        TLSOptions(ssl_context="ca.pem")  # type: ignore[arg-type] # what is tested

    assert "ssl_context must be an object with a method wrap_bio(): 'ca.pem'" == str(
        caught.value
    )
