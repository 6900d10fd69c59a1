"""Credentials that are given."""

from __future__ import annotations

from attrs import field, frozen

from sagemaker_rt.identity import Credentials

__all__ = ["StaticCredentials"]


@frozen
class StaticCredentials:
    """Always the same *credentials*, until they expire; told apart by identity."""

    credentials: Credentials = field(eq=id)

    @property
    def can_renew(self) -> bool:
        """Say that there are no others."""
        return False

    def peek(self) -> Credentials:
        """Return them."""
        return self.credentials

    async def retrieve(self) -> Credentials:
        """Return them."""
        return self.credentials

    async def renew(self, rejected: Credentials) -> Credentials | None:  # noqa: ARG002 - the seam's
        """Return None: there are no others."""
        return None
