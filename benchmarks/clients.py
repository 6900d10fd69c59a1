"""Creates the clients that several benchmarks measure.

A package is imported when its client is created, since the environment of a variant has
only one of them. Credentials are passed, so that no variant searches for them.
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
    """Return a client of this library."""
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
    """Return an async context manager that returns an aiobotocore client."""
    config = import_module("aiobotocore.config").AioConfig
    session = import_module("aiobotocore.session").get_session()
    return session.create_client(**_arguments(url, config, fields))


def boto3(url: str) -> Any:
    """Return a boto3 client."""
    config = import_module("botocore.config").Config
    return import_module("boto3").client(**_arguments(url, config, {}))


def _arguments(url: str, config: Any, fields: dict[str, object]) -> dict[str, object]:
    """Return the arguments of botocore that equal the options of `sagemaker_rt`."""
    # the default of botocore, 10 connections, would delay some of 16 concurrent calls
    return {
        "service_name": "sagemaker-runtime",
        "region_name": REGION,
        "endpoint_url": url,
        "aws_access_key_id": _KEYS[0],
        "aws_secret_access_key": _KEYS[1],
        "config": config(**{"max_pool_connections": IN_FLIGHT, **fields}),
    }
