"""Components, calls and the expected stack, for tests of stacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sagemaker_rt.assembly.components import Components
from sagemaker_rt.assembly.standard_stack import standard_stack
from sagemaker_rt.context import Context
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolverV2
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.middleware.adaptive_rate_limit import RateLimiters
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.endpoint_parameters import EndpointResolverOptions
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import DeserializeInput, InitializeInput, Output
from tests.doubles import Scripted, response

CREDENTIALS: Final = StaticCredentials(Credentials("AKID", "a-secret"))


INPUT: Final = InvokeEndpointInput(endpoint_name="m", body=b"abc")


INVOKE: Final = """\
initialize
  OperationInputValidation
serialize
  OperationSerializer
build
  ClientRequestID
  ComputePayloadHash
  UserAgent
finalize
  Retry
  ResolveAuthScheme
  GetIdentity
  ResolveEndpointV2
  Signing
deserialize
  AddRawResponseToMetadata
  ResponseErrorWrapper
  RequestIDRetriever
  OperationDeserializer
  RecordResponseTiming"""
"""The stack of ``InvokeEndpoint`` with default options, as it is printed."""


LAMBDA: Final = {
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "_X_AMZN_TRACE_ID": "Root=1-2;Parent=3;Sampled=1",
}


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint(f"https://{region}.example")


def components(
    *,
    environ: Mapping[str, str] | None = None,
    credentials: StaticCredentials | AnonymousCredentials = CREDENTIALS,
) -> Components:
    return Components(
        environ=environ or {},
        clock=CorrectedClock(lambda: 1_700_000_000.0),
        retryer=NopRetryer(),
        rate_limiters=RateLimiters,
        credentials=credentials,
        tokens=None,
        signer=SigV4Signer(),
        endpoint_resolver=DefaultEndpointResolverV2(),
        random_bits=lambda _: 0,
    )


async def sent(
    options: Options, components: Components, *, body: bytes = b""
) -> Request:
    """Return the request that a call with *options* sends; *body* is its answer."""
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, components)
    wire = Scripted[DeserializeInput](Output(response=response(200, {}, body)))

    await stack.decorate(wire)(Context("InvokeEndpoint"), InitializeInput(INPUT))

    return wire.inputs[0].request
