"""API keys of SageMaker: bearer tokens that are signed here, without a request."""

from __future__ import annotations

import time

from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import Clock, CredentialsProvider, CredentialsStore
from sagemaker_rt.sansio.presign import generate_bearer_token

__all__ = ["SageMakerBearerTokenProvider"]


class SageMakerBearerTokenProvider:
    """Signs a new token with *credentials* at each call of `retrieve`.

    The credentials of a provider are cached and refreshed in time. Their role needs the
    permission ``sagemaker:CallWithBearerToken``.

    Args:
        credentials: Credentials, or a provider of them.
        region: The region that the token is valid in.
        expires: Seconds that the token is valid for, 12 hours at most. It expires with
            the credentials in any case.
    """

    def __init__(
        self,
        credentials: Credentials | CredentialsProvider,
        *,
        region: str,
        expires: int = 43200,
        clock: Clock = time.time,
    ) -> None:
        self._store: CredentialsStore = (
            StaticCredentials(credentials)
            if isinstance(credentials, Credentials)
            else CredentialsCache(credentials, clock)
        )
        self._region = region
        self._expires = expires
        self._clock = clock

    def __repr__(self) -> str:
        return f"SageMakerBearerTokenProvider(region={self._region!r})"

    async def retrieve(self) -> Token:
        """Return a token that is signed now.

        Raises:
            CredentialsError: Credentials are missing, or their provider failed.
            EndpointResolutionError: The region is not a valid host label.
            ParamValidationError: ``expires`` is out of range.
        """
        credentials = self._store.peek() or await self._store.retrieve()
        return generate_bearer_token(
            credentials,
            region=self._region,
            signing_time=self._clock(),
            expires=self._expires,
        )
