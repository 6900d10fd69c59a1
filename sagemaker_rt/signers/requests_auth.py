"""Signatures by aws-requests-auth, from the extra ``requests-auth``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol, TypeAlias

from attrs import define, field

from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    SerializationError,
)
from sagemaker_rt.http import Body, Request
from sagemaker_rt.identity import Credentials

__all__ = ["PreparedRequest", "RequestsAuth", "RequestsAuthSigner"]


@define(eq=False)
class PreparedRequest:
    """As much of requests' class of that name as an ``AWSRequestsAuth`` looks at."""

    method: str
    url: str
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(factory=dict, repr=False)
    """What the signature adds; the request's own headers are not shown to it."""


class RequestsAuth(Protocol):
    """What is needed of an ``AWSRequestsAuth``, or of any of its subclasses."""

    aws_host: str
    """The host that it signs for, with its port where that is sent."""

    def __call__(self, r: PreparedRequest, /) -> object:
        """Write the signature in the request's headers; may block."""
        ...


class RequestsAuthSigner:
    """Signs with aws-requests-auth: for teams that hold such an object, and as a check.

    With *auth*, that object decides host, region, service and credentials, and what the
    client found is not used. Without, one is made for each signature from the request's
    host and the client's own region, service and credentials.

    `SigV4Signer` is the better signer. This one signs host, date and session token
    alone: a proxy could change every ``X-Amzn-SageMaker-*`` header, and so where a
    request is routed, unnoticed. It has no clock but the system's, so that the
    client's clock offset does not reach it. It adds an ``x-amz-content-sha256`` that
    it does not sign, derives its key anew for each request, and reads the file of a
    body into memory. It works in a thread, since an object may fetch credentials.

    Raises:
        OptionsError: *auth* is left out, and aws-requests-auth is not installed.
    """

    def __init__(self, auth: RequestsAuth | None = None) -> None:
        self._find = _maker() if auth is None else _keeper(auth)

    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,  # noqa: ARG002 - there is no way to pass it on
    ) -> None:
        """Write the headers that the object gives, at the time that it reads itself.

        Raises:
            CredentialsError: The object failed.
            EndpointResolutionError: The request has no endpoint.
            OptionsError: The object signs for another host.
            SerializationError: The file of the body cannot be read.
        """
        if request.endpoint is None:
            message = "the request has no endpoint to be signed for"
            raise EndpointResolutionError(message)
        host = request.headers.get("host", request.endpoint.host)
        auth = self._find(host, credentials, region, service)
        signed = await asyncio.to_thread(
            _sign, auth, request.method.upper(), request.url, request.body
        )
        request.headers.pop("x-amz-security-token", None)
        request.headers.update(signed)


_Finder: TypeAlias = Callable[[str, Credentials, str, str], RequestsAuth]
"""From host, credentials, region and service to what signs for them."""


def _maker() -> _Finder:
    """Return what makes an object for each signature."""
    try:
        module = import_module("aws_requests_auth.aws_auth")
    except ImportError as error:
        message = (
            "RequestsAuthSigner() needs aws-requests-auth: "
            "pip install 'sagemaker-rt[requests-auth]'"
        )
        raise OptionsError(message) from error
    make: Callable[..., RequestsAuth] = module.AWSRequestsAuth

    def find(
        host: str, credentials: Credentials, region: str, service: str
    ) -> RequestsAuth:
        return make(
            credentials.access_key_id,
            credentials.secret_access_key,
            host,
            region,
            service,
            credentials.session_token,
        )

    return find


def _keeper(auth: RequestsAuth) -> _Finder:
    """Return what gives *auth* for each signature, if that is for the right host."""

    def find(host: str, *_: object) -> RequestsAuth:
        if auth.aws_host != host:
            message = f"the AWSRequestsAuth is for host {auth.aws_host!r}, not {host!r}"
            raise OptionsError(message)
        return auth

    return find


def _sign(auth: RequestsAuth, method: str, url: str, body: Body) -> Mapping[str, str]:
    """Return the headers that *auth* adds; blocks."""
    try:
        content = body if isinstance(body, bytes) else b"".join(body.chunks())
    except OSError as error:
        message = f"the file of the body cannot be read: {error}"
        raise SerializationError(message) from error
    prepared = PreparedRequest(method, url, content)
    try:
        auth(prepared)
    except Exception as error:
        message = f"the AWSRequestsAuth failed with {type(error).__name__}"
        raise CredentialsError(message) from error
    return prepared.headers
