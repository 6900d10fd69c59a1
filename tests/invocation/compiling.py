"""Options and compilers for the tests of this folder."""

from __future__ import annotations

from typing import Any, Final

from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.invocation.client_state import ClientState
from sagemaker_rt.invocation.operation_compiler import OperationCompiler
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Options
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import InitializeInput
from tests.doubles import (
    ScriptedHTTPClient,
    response,
)

INPUT: Final = InvokeEndpointInput(endpoint_name="m", body=b"abc")


CREDENTIALS: Final = Credentials("AKID", "a-secret")


def compiler_of(options: Options) -> OperationCompiler:
    return OperationCompiler(options, ClientState(options))


def options(**fields: Any) -> Options:
    """Return options that need nothing from outside."""
    known = {"region": "eu-west-1", "credentials": CREDENTIALS, "environ": {}}
    return Options(**{**known, **fields})


async def sent(
    options: Options, *, compiler: OperationCompiler | None = None
) -> Request:
    """Return the request that a call with *options* sends."""
    http_client = ScriptedHTTPClient(response())
    changed = options.replace(http_client=http_client)
    call = (compiler or compiler_of(options)).compile(INVOKE_ENDPOINT, changed)

    await call.handler(Context("InvokeEndpoint"), InitializeInput(INPUT))

    return http_client.requests[0]
