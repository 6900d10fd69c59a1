"""Test doubles for code that uses this library.

::

    stubs = Stubs({"InvokeEndpoint": {"body": b"[0.9]"}})
    client = Client(with_stubs(stubs))

`Stubs` replace the service. `stub_data` returns an output, and `fake_event_stream` a
stream, without a client. `sagemaker_rt.testing.pytest_plugin` has pytest fixtures, and
`sagemaker_rt.testing.aioresponses` adapts aioresponses to this library. For tests
over sockets, `sagemaker_rt.emulator` is a local service.

The names are imported at their first use, so that pytest, which always loads the
plugin, starts fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_rt.testing.fake_stream import fake_event_stream
    from sagemaker_rt.testing.http_stub import HTTPStub
    from sagemaker_rt.testing.response_encoding import StreamEvent
    from sagemaker_rt.testing.stub_answers import FixedAnswer, StubAnswer
    from sagemaker_rt.testing.stub_outputs import stub_data
    from sagemaker_rt.testing.stub_request import StubRequest
    from sagemaker_rt.testing.stubs import Stubs, with_stubs

__all__ = [
    "FixedAnswer",
    "HTTPStub",
    "StreamEvent",
    "StubAnswer",
    "StubRequest",
    "Stubs",
    "fake_event_stream",
    "stub_data",
    "with_stubs",
]

_MODULES = {
    "FixedAnswer": "stub_answers",
    "HTTPStub": "http_stub",
    "StreamEvent": "response_encoding",
    "StubAnswer": "stub_answers",
    "StubRequest": "stub_request",
    "Stubs": "stubs",
    "fake_event_stream": "fake_stream",
    "stub_data": "stub_outputs",
    "with_stubs": "stubs",
}

if not TYPE_CHECKING:  # otherwise, a type checker would accept any name

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
