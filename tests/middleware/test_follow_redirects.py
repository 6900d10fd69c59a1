from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ConnectError, UnknownServiceError
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.middleware.follow_redirects import FollowRedirects
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import Scripted, response

CONTEXT = Context("InvokeEndpoint")
HOME = Endpoint("https://a.example/prefix", signing_region="eu-west-1")


def redirect(location: str | None, status: int = 307) -> UnknownServiceError:
    error = UnknownServiceError("moved")
    headers = {} if location is None else {"Location": location}
    error.response = response(status, headers, b"")
    return error


class Signing(Scripted[FinalizeInput]):
    """The rest of the stack: it resolves, signs, and answers in order."""

    async def __call__(self, ctx: Context, input: FinalizeInput) -> Output:
        request = input.request
        assert "authorization" not in request.headers
        request.endpoint = request.endpoint or HOME
        request.headers["Authorization"] = f"for {request.endpoint.host}"
        return await super().__call__(ctx, input)

    @property
    def requests(self) -> list[tuple[str, str]]:
        return [
            (i.request.url, i.request.headers["authorization"]) for i in self.inputs
        ]


async def test_a_redirected_request_is_signed_for_its_target() -> None:
    wire = Signing(redirect("https://b.a.example/y?z"), redirect("/w", 308), Output())
    request = Request(path="/x", query="q", headers=Headers({"a": "b"}), body=b"{}")

    await FollowRedirects(2)(CONTEXT, FinalizeInput(request), wire)

    assert [
        ("https://a.example/prefix/x?q", "for a.example"),
        ("https://b.a.example/y?z", "for b.a.example"),
        ("https://b.a.example/w", "for b.a.example"),
    ] == wire.requests
    last = wire.inputs[-1].request
    assert (b"{}", "b") == (last.body, last.headers["a"])
    assert last.endpoint is not None
    assert "eu-west-1" == last.endpoint.signing_region


async def test_one_redirect_too_many_is_raised() -> None:
    last = redirect("/3")
    wire = Signing(redirect("/1"), redirect("/2"), last)

    with pytest.raises(UnknownServiceError) as caught:
        await FollowRedirects(2)(CONTEXT, FinalizeInput(Request()), wire)

    assert caught.value is last
    assert 3 == len(wire.inputs)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "error",
    [
        redirect(None),
        redirect("https://b.example/"),
        redirect("http://a.example/"),
        redirect("https://b_.é.a.example/"),
        redirect("https://b.example\\.a.example/"),
        redirect("/y", 302),
        redirect("/y", 500),
        UnknownServiceError("no response"),
        ConnectError("no connection"),
    ],
)
async def test_other_errors_are_raised(error: Exception) -> None:
    wire = Signing(error)

    with pytest.raises(type(error)) as caught:
        await FollowRedirects(2)(CONTEXT, FinalizeInput(Request()), wire)

    assert caught.value is error


async def test_a_request_without_an_endpoint_is_not_redirected() -> None:
    error = redirect("/y")
    wire = Scripted[FinalizeInput](error)

    with pytest.raises(UnknownServiceError):
        await FollowRedirects(1)(CONTEXT, FinalizeInput(Request()), wire)
