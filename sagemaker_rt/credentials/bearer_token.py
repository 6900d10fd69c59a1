"""API keys of SageMaker, made here of credentials: no service is asked for them."""

from __future__ import annotations

import time

from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.interfaces import Clock, CredentialsProvider, CredentialsStore
from sagemaker_rt.sansio.presign import generate_bearer_token

__all__ = ["SageMakerBearerTokenProvider"]


class SageMakerBearerTokenProvider:
    """Make a token of *credentials* each time that it is asked.

    A provider of credentials is asked seldom: what it says is kept, and renewed in good
    time. The role that they are of needs leave to ``sagemaker:CallWithBearerToken``.

    Args:
        credentials: Credentials, or a provider of them.
        region: Where the token is good.
        expires: Seconds that a token is good for, 12 hours at most. It ends with the
            credentials in any case.
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
            CredentialsError: There are no credentials, or their source failed.
            EndpointResolutionError: The region could not be a label of a host name.
            ParamValidationError: ``expires`` is out of its range.
        """
        credentials = self._store.peek() or await self._store.retrieve()
        return generate_bearer_token(
            credentials,
            region=self._region,
            signing_time=self._clock(),
            expires=self._expires,
        )
