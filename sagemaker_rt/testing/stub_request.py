"""A request that `Stubs` received."""

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

__all__ = ["StubRequest", "find_operation", "operation_of_request"]

_Input: TypeAlias = (
    InvokeEndpointInput
    | InvokeEndpointAsyncInput
    | InvokeEndpointWithResponseStreamInput
)


@frozen
class StubRequest:
    """The request of one attempt of a call."""

    operation: str
    """Name of the operation, such as ``InvokeEndpoint``."""
    request: Request
    """The signed HTTP request. The content of a file is read, so the body is bytes."""

    @property
    def params(self) -> _Input:
        """The input of the operation, decoded from the request."""
        operation = OPERATIONS[self.operation]
        values = {m.attribute: self._decode(m) for m in members(operation.input)}
        params: _Input = operation.input(**values)
        return params

    def _decode(self, member: Member) -> object:
        """Return the value of *member* in the request."""
        if isinstance(member.binding, Label):
            return unquote(self.request.path.split("/")[_ENDPOINT_NAME])
        if isinstance(member.binding, Header):
            value = self.request.headers.get(member.binding.name)
            return int(value) if value is not None and member.is_integer else value
        return self.request.body if self.request.body or member.is_required else None


_ENDPOINT_NAME: Final = 2  # index of the segment: /endpoints/{EndpointName}/…
_PATHS: Final = {
    name: re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path))
    for name, operation in OPERATIONS.items()
}
_NAMES: Final = {
    spelling: operation
    for name, operation in OPERATIONS.items()
    for spelling in (name, re.sub(r"\B([A-Z])", r"_\1", name).lower())
}


def find_operation(name: str) -> Operation:
    """Return an operation by its name, or by the name of the method of the client.

    Raises:
        OptionsError: The operation does not exist.
    """
    if not isinstance(name, str) or name not in _NAMES:
        names = f"the operations are {[*OPERATIONS]}"
        hint = did_you_mean(str(name), _NAMES, otherwise=names)
        message = f"unknown operation {name!r}{hint}"
        raise OptionsError(message)
    return _NAMES[name]


def operation_of_request(request: Request) -> Operation | None:
    """Return the operation of *request*, or None if its method or path is unknown."""
    if request.method != "POST":
        return None
    for name, path in _PATHS.items():
        if path.fullmatch(request.path):
            return OPERATIONS[name]
    return None
