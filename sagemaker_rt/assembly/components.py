"""The components that a standard stack is made from, in addition to options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.interfaces import (
    CredentialsStore,
    EndpointResolverV2,
    Retryer,
    Signer,
    TokenStore,
)
from sagemaker_rt.sansio.clock_skew import CorrectedClock

if TYPE_CHECKING:
    from sagemaker_rt.middleware.adaptive_rate_limit import RateLimiters

__all__ = ["Components"]


@frozen(kw_only=True, eq=False, repr=False)
class Components:
    """What the calls of a client share. The middleware uses it; the client owns it."""

    environ: Mapping[str, str]
    clock: CorrectedClock
    retryer: Retryer
    rate_limiters: Callable[[], RateLimiters]
    """Returns the queues of the mode ``adaptive``."""
    credentials: CredentialsStore | AnonymousCredentials
    tokens: TokenStore | None
    """None without a token provider."""
    signer: Signer
    endpoint_resolver: EndpointResolverV2
    random_bits: Callable[[int], int]
    """Returns an int of that many random bits, for invocation ids."""
