"""Responses of S3, and clients that receive them."""

from __future__ import annotations

from typing import Any, Final

from sagemaker_rt.client import Client
from sagemaker_rt.http import Request, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.sansio.s3_addresses import S3Location, S3Settings
from tests.doubles import ManualClock, ScriptedHTTPClient, response

__all__ = ["KEY", "KEYS", "failure", "found", "runtime_client", "s3_client", "scope_of"]

KEY: Final = S3Location("bucket", "a key")
KEYS: Final = Credentials("AKID", "a-secret", "a-token")


def found(body: bytes = b"content", content_type: str = "text/csv") -> Response:
    """Return a successful response with an object."""
    return response(200, {"Content-Type": content_type, "ETag": '"e"'}, body)


def failure(status: int, code: str = "", **headers: str) -> Response:
    """Return an error response; without a code, it has no body."""
    body = f"<Error><Code>{code}</Code></Error>".encode() if code else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return response(status, named, body)


def runtime_client(http_client: ScriptedHTTPClient, **fields: Any) -> Client:
    """Return a client without an environment, which sends with *http_client*."""
    defaults = {"region": "eu-west-1", "credentials": KEYS, "environ": {}}
    return Client(**{**defaults, "http_client": http_client, **fields})


async def s3_client(
    http_client: ScriptedHTTPClient,
    clock: ManualClock | None = None,
    settings: S3Settings = S3Settings(),  # noqa: B008 - immutable
    **fields: Any,
) -> S3Client:
    """Return a client of S3 whose delays are those of *clock*."""
    clock = clock or ManualClock()
    client = runtime_client(http_client, clock=clock, **fields)
    options = await client.resolved_options()
    return S3Client(options, settings, sleep=clock.sleep, chance=lambda: 1.0)


def scope_of(request: Request) -> tuple[str, str]:
    """Return the region and the service in the signature of *request*."""
    scope = request.headers["authorization"].partition("Credential=")[2].split("/")
    return scope[2], scope[3]
