"""The commands that show what a call would do: no request is sent."""

from __future__ import annotations

from sagemaker_rt.cli.arguments import Connection
from sagemaker_rt.config.config import Config
from sagemaker_rt.credentials.chain import DefaultChain

__all__ = ["config", "credentials", "stack"]


def stack(operation: str, /, *, connection: Connection | None = None) -> None:
    """Print the middleware of an operation, by step.

    Middleware that the options switch off is listed at the end, with the reason.

    Args:
        operation: InvokeEndpoint, InvokeEndpointAsync, or
            InvokeEndpointWithResponseStream.
    """
    print((connection or Connection()).client().explain(operation))


async def config(*, profile: str | None = None) -> None:
    """Print the settings of the environment and the shared files, with their sources.

    Args:
        profile: Name of the profile. By default AWS_PROFILE, or else default.
    """
    print((await Config.load(profile=profile)).explain())


async def credentials(*, profile: str | None = None) -> None:
    """Print which credentials provider is used, and why those before it are not.

    The command does not retrieve credentials, and prints no secrets.

    Args:
        profile: Name of the profile. By default AWS_PROFILE, or else default.
    """
    loaded = await Config.load(profile=profile)
    is_in_code = profile is not None
    chain = DefaultChain(loaded.provider_context(is_profile_in_code=is_in_code))
    print(chain.explain())
