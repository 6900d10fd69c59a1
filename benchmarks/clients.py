"""How the clients are made that more than one benchmark measures.

A package is looked up when its client is made: a variant's environment has no other.
Keys are given outright, so that no variant goes looking for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["IN_FLIGHT", "MEDIA_TYPE", "REGION", "aiobotocore", "boto3", "sagemaker_rt"]

IN_FLIGHT: Final = 16
MEDIA_TYPE: Final = "application/octet-stream"
REGION: Final = "us-east-1"
_KEYS: Final = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def sagemaker_rt(url: str, *options: object, **fields: object) -> Any:
    """Return our client."""
    package = import_module("sagemaker_rt")
    return package.Client(
        None,
        *options,
        region=REGION,
        endpoint_url=url,
        credentials=package.Credentials(*_KEYS),
        **fields,
    )


def aiobotocore(url: str, **fields: object) -> Any:
    """Return what gives an aiobotocore client when it is entered."""
    config = import_module("aiobotocore.config").AioConfig
    session = import_module("aiobotocore.session").get_session()
    return session.create_client(**_arguments(url, config, fields))


def boto3(url: str) -> Any:
    """Return a boto3 client."""
    config = import_module("botocore.config").Config
    return import_module("boto3").client(**_arguments(url, config, {}))


def _arguments(url: str, config: Any, fields: dict[str, object]) -> dict[str, object]:
    """Say in botocore's words what is left as it is with ours, but for the pool.

    Its ten connections would make some of the calls wait.
    """
    return {
        "service_name": "sagemaker-runtime",
        "region_name": REGION,
        "endpoint_url": url,
        "aws_access_key_id": _KEYS[0],
        "aws_secret_access_key": _KEYS[1],
        "config": config(max_pool_connections=IN_FLIGHT, **fields),
    }
