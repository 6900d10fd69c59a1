"""Credentials that are given."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from sagemaker_rt.identity import Credentials

__all__ = ["StaticCredentials"]


@frozen
class StaticCredentials:
    """Always the same *credentials*, until they expire; told apart by identity."""

    credentials: Credentials = field(eq=id)

    can_renew: ClassVar = False

    def peek(self) -> Credentials:
        """Return them."""
        return self.credentials

    async def retrieve(self) -> Credentials:
        """Return them."""
        return self.credentials

    async def renew(self, rejected: Credentials) -> None:
        """Have no others."""
