"""The members of operations as keyword arguments, for type checkers.

A first call does not import this module: making the classes takes a millisecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Required, TypedDict

if TYPE_CHECKING:
    from sagemaker_rt.shapes import BodyLike

__all__ = [
    "InvokeMembers",
    "Members",
    "OptionalMembers",
    "QueueMembers",
    "StreamMembers",
]


class _CallMembers(TypedDict, total=False):
    """Members of all operations."""

    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    inference_id: str | None


class _RoutedMembers(_CallMembers, total=False):
    """Members of the operations that return the response of the model."""

    target_variant: str | None
    target_container_hostname: str | None
    inference_component_name: str | None
    session_id: str | None
    prefix_aware_id: str | None


class OptionalMembers(_RoutedMembers, total=False):
    """Members of InvokeEndpoint that are not required."""

    target_model: str | None
    enable_explanations: str | None


class InvokeMembers(OptionalMembers, total=False):
    """Members of InvokeEndpoint beside ``json``, or ``body``."""

    endpoint_name: Required[str]


class QueueMembers(_CallMembers, total=False):
    """Members of InvokeEndpointAsync beside ``json``, or ``body``."""

    endpoint_name: Required[str]
    s3_output_path_extension: str | None
    filename: str | None
    request_ttl_seconds: int | None
    invocation_timeout_seconds: int | None


class StreamMembers(_RoutedMembers, total=False):
    """Members of InvokeEndpointWithResponseStream beside ``json``, or ``body``."""

    endpoint_name: Required[str]


class Members(OptionalMembers, total=False):
    """The members of all operations, as keyword arguments."""

    endpoint_name: str
    body: BodyLike | None
    json: object
    input_location: str | None
    s3_output_path_extension: str | None
    filename: str | None
    request_ttl_seconds: int | None
    invocation_timeout_seconds: int | None
