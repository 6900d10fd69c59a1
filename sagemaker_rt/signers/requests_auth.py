"""A signer that uses aws-requests-auth, from the extra ``requests-auth``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, Protocol, TypeAlias

from attrs import define, field

from sagemaker_rt.blocking import in_thread
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
    """The attributes of a prepared request of requests that an auth object reads."""

    method: str
    url: str
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(factory=dict, repr=False)
    """Receives the headers of the signature. It does not contain other headers."""


class RequestsAuth(Protocol):
    """The interface of ``AWSRequestsAuth`` and its subclasses."""

    aws_host: str
    """The host to sign for, with the port if the Host header has one."""

    def __call__(self, r: PreparedRequest, /) -> object:
        """Write the signature to ``r.headers``; may block."""
        ...


class RequestsAuthSigner:
    """Signs with aws-requests-auth, for applications that have an ``AWSRequestsAuth``.

    Prefer `SigV4Signer`. This signer has the limits of aws-requests-auth:

    * It signs only host, date and session token. A proxy could change an
      ``X-Amzn-SageMaker-*`` header, and so the routing of a request, without detection.
    * It uses the system clock, without the correction of clock skew.
    * It adds an ``x-amz-content-sha256`` header that it does not sign.
    * It derives the signing key for each request, and reads a file body into memory.

    It runs in a thread, because *auth* may fetch credentials.

    Args:
        auth: Supplies host, region, service and credentials; the client needs none.
            None makes an ``AWSRequestsAuth`` for each signature, from the host of the
            request and the region, service and credentials of the client.

    Raises:
        OptionsError: *auth* is None, and aws-requests-auth is not installed.
    """

    def __init__(self, auth: RequestsAuth | None = None) -> None:
        self._auth_for = _new_auth() if auth is None else _same_auth(auth)
        self.needs_identity: Final = auth is None
        """Whether it signs with the credentials of the client."""

    async def sign(
        self,
        request: Request,
        credentials: Credentials,
        *,
        service: str,
        region: str,
        signing_time: float,  # noqa: ARG002 - AWSRequestsAuth reads the clock
    ) -> None:
        """Write the headers of the signature; *signing_time* is ignored.

        Raises:
            CredentialsError: The ``AWSRequestsAuth`` raised an exception.
            EndpointResolutionError: The request has no endpoint.
            OptionsError: The ``AWSRequestsAuth`` is for another host.
            SerializationError: The file body cannot be read.
        """
        if request.endpoint is None:
            message = "the request has no endpoint, which the signature needs"
            raise EndpointResolutionError(message)
        host = request.headers.get("host", request.endpoint.host)
        auth = self._auth_for(host, credentials, region, service)
        signed = await in_thread(
            _sign, auth, request.method.upper(), request.url, request.body
        )
        # The headers may have the token of the credentials of an earlier attempt.
        request.headers.pop("x-amz-security-token", None)
        request.headers.update(signed)


_AuthFactory: TypeAlias = Callable[[str, Credentials, str, str], RequestsAuth]
"""Takes host, credentials, region and service."""


def _new_auth() -> _AuthFactory:
    """Return a factory that makes an ``AWSRequestsAuth`` for each signature."""
    # Imported here, because the library is optional.
    try:
        module = import_module("aws_requests_auth.aws_auth")
    except ImportError as error:
        message = (
            "RequestsAuthSigner() needs aws-requests-auth: "
            "pip install 'sagemaker-rt[requests-auth]'"
        )
        raise OptionsError(message) from error
    auth_class: Callable[..., RequestsAuth] = module.AWSRequestsAuth

    def auth_for(
        host: str, credentials: Credentials, region: str, service: str
    ) -> RequestsAuth:
        return auth_class(
            credentials.access_key_id,
            credentials.secret_access_key,
            host,
            region,
            service,
            credentials.session_token,
        )

    return auth_for


def _same_auth(auth: RequestsAuth) -> _AuthFactory:
    """Return a factory that returns *auth*, after checking the host."""

    def auth_for(host: str, *_: object) -> RequestsAuth:
        if auth.aws_host != host:
            message = f"the AWSRequestsAuth is for host {auth.aws_host!r}, not {host!r}"
            raise OptionsError(message)
        return auth

    return auth_for


def _sign(auth: RequestsAuth, method: str, url: str, body: Body) -> Mapping[str, str]:
    """Return the headers that *auth* adds; it blocks."""
    try:
        content = body if isinstance(body, bytes) else b"".join(body.chunks())
    except OSError as error:
        message = f"the file body cannot be read: {error}"
        raise SerializationError(message) from error
    prepared = PreparedRequest(method, url, content)
    try:
        auth(prepared)
    except Exception as error:
        message = f"the AWSRequestsAuth raised {type(error).__name__}"
        raise CredentialsError(message) from error
    return prepared.headers
