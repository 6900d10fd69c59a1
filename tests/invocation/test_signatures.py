from __future__ import annotations

import inspect
from typing import Any, overload

from sagemaker_rt.invocation.signatures import sign_with_overloads


class Greeter:
    @overload
    def greet(self, whole: bytes, /, *words: str) -> str: ...
    @overload
    def greet(self, *words: str, name: str, loud: bool = False) -> str: ...
    @sign_with_overloads
    def greet(self, *args: Any, **members: Any) -> str:
        """Return a greeting."""
        return f"{args} {members}"


def test_signature_lists_the_parameters_of_both_overloads() -> None:
    assert str(inspect.signature(Greeter.greet)) == (
        "(self, whole: 'bytes' = <the members below>, /, *words: 'str', "
        "name: 'str' = <required>, loud: 'bool' = False) -> 'str'"
    )


def test_method_is_called_as_before() -> None:
    assert Greeter().greet("hello", name="you") == "('hello',) {'name': 'you'}"
