"""What to test code with that uses this library.

::

    stubs = Stubs({"InvokeEndpoint": {"body": b"[0.9]"}})
    client = Client(with_stubs(stubs))

`Stubs` answer in the service's place, `stub_data` makes an output, and
`fake_event_stream` a stream. `sagemaker_rt.testing.pytest_plugin` has fixtures, and
`sagemaker_rt.testing.aioresponses` brings aioresponses to this library's HTTP client;
`sagemaker_rt.emulator` is a whole service. Names are imported when they are first used,
so that a run of tests that uses none of them pays nothing.
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

_HOME_OF = {
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

if not TYPE_CHECKING:  # with it, a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
