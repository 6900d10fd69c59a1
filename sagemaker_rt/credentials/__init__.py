"""Where credentials come from: one provider a file.

The chain takes the providers from here: each is imported when it is looked at, so that
whoever has keys in the environment does not wait for those that ask others by HTTP.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_rt.credentials.assume_role import (
        AssumeRoleCredentials,
        WebIdentityCredentials,
    )
    from sagemaker_rt.credentials.container import ContainerCredentials
    from sagemaker_rt.credentials.instance_metadata import InstanceMetadataCredentials
    from sagemaker_rt.credentials.login import LoginCredentials
    from sagemaker_rt.credentials.process import ProcessCredentials
    from sagemaker_rt.credentials.sso import SSOCredentials

__all__ = [
    "AssumeRoleCredentials",
    "ContainerCredentials",
    "InstanceMetadataCredentials",
    "LoginCredentials",
    "ProcessCredentials",
    "SSOCredentials",
    "WebIdentityCredentials",
]

_HOME_OF = {
    "AssumeRoleCredentials": "assume_role",
    "ContainerCredentials": "container",
    "InstanceMetadataCredentials": "instance_metadata",
    "LoginCredentials": "login",
    "ProcessCredentials": "process",
    "SSOCredentials": "sso",
    "WebIdentityCredentials": "assume_role",
}

if not TYPE_CHECKING:  # with it, a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
