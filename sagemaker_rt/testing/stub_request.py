"""A request that was sent to stubs: which operation it is of, and what it says."""

from __future__ import annotations

import re
from typing import Final, TypeAlias
from urllib.parse import unquote

from attrs import frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Request
from sagemaker_rt.operations import OPERATIONS, Operation
from sagemaker_rt.sansio.http_bindings import Header, Label, Member, members
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)

__all__ = ["StubRequest", "operation_named", "operation_of"]

_Input: TypeAlias = (
    InvokeEndpointInput
    | InvokeEndpointAsyncInput
    | InvokeEndpointWithResponseStreamInput
)


@frozen
class StubRequest:
    """What was sent, by one attempt of a call."""

    operation: str
    """Its name in the service's model: ``InvokeEndpoint``."""
    request: Request
    """As it came to the HTTP client, signed; its body is bytes, be it of a file."""

    @property
    def params(self) -> _Input:
        """The input, as the service reads it from the request."""
        operation = OPERATIONS[self.operation]
        found = members(operation.input)
        values = {member.attribute: self._read(member) for member in found}
        made: _Input = operation.input(**values)
        return made

    def _read(self, member: Member) -> object:
        if isinstance(member.binding, Label):
            return unquote(self.request.path.split("/")[_LABEL])
        if isinstance(member.binding, Header):
            value = self.request.headers.get(member.binding.name)
            return int(value) if value is not None and member.is_integer else value
        return self.request.body if self.request.body or member.is_required else None


_LABEL: Final = 2  # /endpoints/{EndpointName}/…
_PATHS: Final = {
    name: re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path))
    for name, operation in OPERATIONS.items()
}
_NAMES: Final = {
    spelling: operation
    for name, operation in OPERATIONS.items()
    for spelling in (name, re.sub(r"\B([A-Z])", r"_\1", name).lower())
}


def operation_named(name: str) -> Operation:
    """Return the operation that the model, or the client's method, calls *name*.

    Raises:
        OptionsError: There is none.
    """
    if not isinstance(name, str) or name not in _NAMES:
        there_are = f"there are {[*OPERATIONS]}"
        hint = did_you_mean(str(name), _NAMES, otherwise=there_are)
        message = f"there is no operation {name!r}{hint}"
        raise OptionsError(message)
    return _NAMES[name]


def operation_of(request: Request) -> Operation | None:
    """Return the operation that *request* is of, by its method and path."""
    if request.method != "POST":
        return None
    for name, path in _PATHS.items():
        if path.fullmatch(request.path):
            return OPERATIONS[name]
    return None
