"""A client for calls that have members in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Unpack

import attrs

from sagemaker_rt.client import Client
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.invocation.arguments import Members
from sagemaker_rt.operations import OPERATIONS
from sagemaker_rt.options import Option
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
)
from sagemaker_rt.streaming.response_stream import StreamCall

__all__ = ["BoundClient"]


_NAMES_OF: Final = {
    name: frozenset(attrs.fields_dict(operation.input))
    for name, operation in OPERATIONS.items()
}


class BoundClient:
    """Calls by *client* with *members*, where a call does not say otherwise.

    The client stays its maker's to close.

    An operation that has no such member is called without it. A call that gives a
    member wins over what is bound, unless it gives None.

    Raises:
        ParamValidationError: No operation has a member of that name.
    """

    def __init__(self, client: Client, **members: Unpack[Members]) -> None:
        known = frozenset().union(*_NAMES_OF.values())
        problems = [
            f"no operation has a member {name!r}{did_you_mean(name, known)}"
            for name in members.keys() - known
        ]
        if problems:
            raise ParamValidationError("; ".join(sorted(problems)), problems)
        self._client: Final = client
        self._members: Final = members

    def __repr__(self) -> str:
        return f"<BoundClient of {', '.join(self._members)}>"

    async def invoke_endpoint(
        self, *opts: Option, **members: Unpack[Members]
    ) -> InvokeEndpointOutput:
        """Invoke a model as `Client.invoke_endpoint` does."""
        given = self._given("InvokeEndpoint", members)
        return await self._client.invoke_endpoint(*opts, **given)

    async def invoke_endpoint_async(
        self, *opts: Option, **members: Unpack[Members]
    ) -> InvokeEndpointAsyncOutput:
        """Queue an input as `Client.invoke_endpoint_async` does."""
        given = self._given("InvokeEndpointAsync", members)
        return await self._client.invoke_endpoint_async(*opts, **given)

    def invoke_endpoint_with_response_stream(
        self, *opts: Option, **members: Unpack[Members]
    ) -> StreamCall:
        """Invoke a model as `Client.invoke_endpoint_with_response_stream` does."""
        given = self._given("InvokeEndpointWithResponseStream", members)
        return self._client.invoke_endpoint_with_response_stream(*opts, **given)

    def _given(self, operation: str, members: Mapping[str, object]) -> dict[str, Any]:
        names = _NAMES_OF[operation]
        bound = {name: value for name, value in self._members.items() if name in names}
        stated = {name: value for name, value in members.items() if value is not None}
        return {**bound, **stated}
