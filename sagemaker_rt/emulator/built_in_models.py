"""The models that each emulator has."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.emulator.chat_model import chat
from sagemaker_rt.emulator.models import (
    Model,
    echo,
    failing,
    json_model,
    slow,
    tokens,
)

__all__ = ["BUILT_IN"]

BUILT_IN: Final[dict[str, Model]] = {
    "echo": echo,
    "json": json_model,
    "slow": slow(),
    "tokens": tokens(),
    "chat": chat(),
    "failing": failing(),
}
"""Endpoints of each emulator, by name."""
