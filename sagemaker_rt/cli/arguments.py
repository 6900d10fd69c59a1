"""Command-line arguments that several commands share.

The docstrings of fields are the help texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, TypeAlias

from attrs import frozen
from cyclopts import Parameter, Token

from sagemaker_rt.client import Client
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.interfaces import HTTPClientName

__all__ = [
    "PLAIN_FLAGS",
    "Connection",
    "InvokeMembers",
    "Members",
    "QueueMembers",
    "StreamMembers",
    "WholeNumber",
]


def _shown_default(value: object) -> str | None:
    return None if value is None or value is False else str(value)


PLAIN_FLAGS: Final = Parameter(negative="", show_default=_shown_default)
"""Flags have no ``--no-`` form, and no default is shown for what is not set."""


def _whole_number(_: object, tokens: Sequence[Token]) -> int:
    try:
        return int(tokens[0].value)
    except ValueError:
        message = f"{tokens[0].value!r} is not a whole number"
        raise ValueError(message) from None


WholeNumber: TypeAlias = Annotated[int, Parameter(converter=_whole_number)]
"""An integer. By default, fractions would be rounded: 1.5 would be 2."""


@Parameter(name="*", group="Client")
@frozen(kw_only=True)
class Connection:
    """Options of the client."""

    profile: str | None = None
    """Profile of the shared files. By default AWS_PROFILE, or else default."""
    region: str | None = None
    """AWS region. By default, the environment or the profile sets it."""
    endpoint_url: str | None = None
    """Base URL of the service, for example of an emulator."""
    anonymous: bool = False
    """Send unsigned requests."""
    read_timeout: float = 70.0
    """Seconds to wait for more of a response."""
    max_attempts: WholeNumber | None = None
    """Number of attempts, including the first. By default, the environment or the
    profile sets it, or else it is 3."""
    http_client: HTTPClientName = "auto"
    """HTTP client: native is the fast one of sagemaker-rt[fast]. auto is native if it
    is installed, and else aiohttp."""

    def client(
        self,
        *,
        max_connections: int = 256,
        environ: Mapping[str, str] | None = None,
    ) -> Client:
        """Return a client with these options; the caller closes it.

        Args:
            environ: Replaces the environment of the process.
        """
        return Client(
            environ=environ,
            profile=self.profile,
            region=self.region,
            endpoint_url=self.endpoint_url,
            credentials=AnonymousCredentials() if self.anonymous else None,
            read_timeout=self.read_timeout,
            max_attempts=self.max_attempts,
            max_connections=max_connections,
            http_client=self.http_client,
        )


@Parameter(name="*", group="Request")
@frozen(kw_only=True)
class Members:
    """Input members of all three operations."""

    content_type: str | None = None
    """MIME type of the body."""
    accept: str | None = None
    """Desired MIME type of the response."""
    custom_attributes: str | None = None
    """Text that is forwarded to the model container."""
    inference_id: str | None = None
    """Identifier of this request in captured data."""


@Parameter(name="*", group="Request")
@frozen(kw_only=True)
class StreamMembers(Members):
    """Input members of InvokeEndpointWithResponseStream."""

    target_variant: str | None = None
    """Production variant to invoke."""
    target_container_hostname: str | None = None
    """Container to invoke on a multi-container endpoint."""
    inference_component_name: str | None = None
    """Inference component to invoke."""
    session_id: str | None = None
    """Stateful session. The command invoke opens one with NEW_SESSION."""
    prefix_aware_id: str | None = None
    """Identifier for prefix-aware routing."""


@Parameter(name="*", group="Request")
@frozen(kw_only=True)
class InvokeMembers(StreamMembers):
    """Input members of InvokeEndpoint."""

    target_model: str | None = None
    """Model to invoke on a multi-model endpoint."""
    enable_explanations: str | None = None
    """JMESPath expression that selects the records to explain."""


@Parameter(name="*", group="Request")
@frozen(kw_only=True)
class QueueMembers(Members):
    """Input members of InvokeEndpointAsync."""

    input_location: str | None = None
    """S3 URI of the input, in place of a body."""
    s3_output_path_extension: str | None = None
    """Path that is appended to the output path of the endpoint."""
    filename: str | None = None
    """Name of the output file."""
    request_ttl_seconds: WholeNumber | None = None
    """Seconds that the request may wait in the queue."""
    invocation_timeout_seconds: WholeNumber | None = None
    """Seconds that the model may take."""
