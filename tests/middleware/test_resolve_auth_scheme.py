from __future__ import annotations

from sagemaker_rt.context import AUTH_SCHEME, Context
from sagemaker_rt.http import Request
from sagemaker_rt.identity import AuthScheme
from sagemaker_rt.middleware.resolve_auth_scheme import ResolveAuthScheme
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire


async def test_the_scheme_is_passed_down() -> None:
    scheme = AuthScheme("aws.auth#sigv4", "sagemaker", "eu-west-1")
    wire, ctx = Wire[FinalizeInput](), Context("InvokeEndpoint")
    input = FinalizeInput(Request())

    output = await ResolveAuthScheme(scheme)(ctx, input, wire)

    assert scheme is wire.contexts[0][AUTH_SCHEME]
    assert [input] == wire.inputs
    assert output is wire.output
    assert AUTH_SCHEME not in ctx
