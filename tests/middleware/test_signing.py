from __future__ import annotations

import pytest
from attrs import frozen

from sagemaker_rt.context import AUTH_SCHEME, CREDENTIALS, Context
from sagemaker_rt.errors import OptionsError, SerializationError, StackError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import AuthScheme, Credentials
from sagemaker_rt.middleware.signing import Signing
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import ManualClock, Wire

KEYS = Credentials("AKID", "shh")
SCHEME = AuthScheme("aws.auth#sigv4", "sagemaker", "eu-west-1")
URL = "https://runtime.sagemaker.eu-west-1.amazonaws.com"


@frozen
class SignCall:
    """The arguments of a call of `sign`."""

    request: Request
    credentials: Credentials
    service: str
    region: str
    signing_time: float


class RecordingSigner:
    """A `Signer` that records its calls."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[SignCall] = []
        self.error = error

    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,
    ) -> None:
        self.calls.append(SignCall(request, credentials, service, region, signing_time))
        if self.error is not None:
            raise self.error
        request.headers["Authorization"] = "signed"


class PlainSigner:
    """A plain `Signer`."""

    def sign(self, request: Request, credentials: Credentials, **_: object) -> None:
        request.headers["Authorization"] = credentials.access_key_id


def context(scheme: AuthScheme = SCHEME) -> Context:
    ctx = Context("InvokeEndpoint").with_value(AUTH_SCHEME, scheme)
    return ctx.with_value(CREDENTIALS, KEYS)


async def test_the_signer_receives_all_facts() -> None:
    signer, wire = RecordingSigner(), Wire[FinalizeInput]()
    request = Request(endpoint=Endpoint(URL))

    output = await Signing(signer, ManualClock(12.5))(
        context(), FinalizeInput(request), wire
    )

    expected = SignCall(request, KEYS, "sagemaker", "eu-west-1", 12.5)
    assert [expected] == signer.calls
    assert "signed" == wire.inputs[0].request.headers["authorization"]
    assert output is wire.output


async def test_a_signer_may_be_plain_or_async() -> None:
    wire = Wire[FinalizeInput]()

    output = await Signing(PlainSigner(), ManualClock())(
        context(), FinalizeInput(Request(endpoint=Endpoint(URL))), wire
    )

    assert "AKID" == wire.inputs[0].request.headers["authorization"]
    assert output is wire.output


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (None, ("sagemaker", "eu-west-1")),
        (Endpoint(URL), ("sagemaker", "eu-west-1")),
        (Endpoint(URL, signing_name="other"), ("other", "eu-west-1")),
        (Endpoint(URL, signing_region="us-east-1"), ("sagemaker", "us-east-1")),
    ],
)
async def test_the_endpoint_takes_precedence_over_the_scheme(
    endpoint: Endpoint | None, expected: tuple[str, str]
) -> None:
    signer = RecordingSigner()

    await Signing(signer, ManualClock())(
        context(), FinalizeInput(Request(endpoint=endpoint)), Wire[FinalizeInput]()
    )

    assert [expected] == [(calls.service, calls.region) for calls in signer.calls]


async def test_the_endpoint_may_have_both_service_and_region() -> None:
    signer = RecordingSigner()
    endpoint = Endpoint(URL, signing_name="sagemaker", signing_region="eu-west-1")

    await Signing(signer, ManualClock())(
        context(AuthScheme("aws.auth#sigv4")),
        FinalizeInput(Request(endpoint=endpoint)),
        Wire[FinalizeInput](),
    )

    assert "eu-west-1" == signer.calls[0].region


@pytest.mark.parametrize(
    ("scheme", "facts"),
    [
        (
            AuthScheme("aws.auth#sigv4", "sagemaker", None),
            "service='sagemaker', region=None",
        ),
        (AuthScheme("aws.auth#sigv4", "", "r"), "service='', region='r'"),
    ],
)
async def test_a_signature_needs_a_service_and_a_region(
    scheme: AuthScheme, facts: str
) -> None:
    signer, wire = RecordingSigner(), Wire[FinalizeInput]()

    with pytest.raises(OptionsError, match=facts):
        await Signing(signer, ManualClock())(
            context(scheme), FinalizeInput(Request(endpoint=Endpoint(URL))), wire
        )

    assert ([], []) == (signer.calls, wire.inputs)


@pytest.mark.parametrize(
    "ctx",
    [
        Context("InvokeEndpoint"),
        Context("InvokeEndpoint").with_value(AUTH_SCHEME, SCHEME),
        Context("InvokeEndpoint").with_value(CREDENTIALS, KEYS),
    ],
)
async def test_a_stack_without_the_middleware_before_signing_is_an_error(
    ctx: Context,
) -> None:
    signer, wire = RecordingSigner(), Wire[FinalizeInput]()

    with pytest.raises(StackError, match="ResolveAuthScheme and GetIdentity"):
        await Signing(signer, ManualClock())(ctx, FinalizeInput(Request()), wire)

    assert ([], []) == (signer.calls, wire.inputs)


async def test_a_request_that_cannot_be_signed_is_not_sent() -> None:
    wire = Wire[FinalizeInput]()
    signer = RecordingSigner(SerializationError("the file is gone"))

    with pytest.raises(SerializationError):
        await Signing(signer, ManualClock())(
            context(), FinalizeInput(Request(endpoint=Endpoint(URL))), wire
        )

    assert [] == wire.inputs
