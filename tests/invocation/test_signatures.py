from __future__ import annotations

import inspect
from typing import Any, overload

from sagemaker_rt.invocation.signatures import sign_with_overloads


class Greeter:
    @overload
    def greet(self, whole: bytes, /, *words: str) -> str: ...
    @overload
    def greet(self, *words: str, body: bytes, loud: bool = False) -> str: ...
    @overload
    def greet(self, *words: str, json: object, **others: bool) -> str: ...
    @sign_with_overloads
    def greet(self, *args: Any, **members: Any) -> str:
        """Return a greeting."""
        return f"{args} {members}"


def test_signature_lists_the_parameters_of_all_overloads() -> None:
    assert str(inspect.signature(Greeter.greet)) == (
        "(self, whole: 'bytes' = <the members below>, /, *words: 'str', "
        "body: 'bytes' = <required>, json: 'object' = None, loud: 'bool' = False) "
        "-> 'str'"
    )


def test_method_is_called_as_before() -> None:
    assert Greeter().greet("hello", body=b"you") == "('hello',) {'body': b'you'}"
