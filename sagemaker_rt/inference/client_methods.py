"""The methods of the client that are implemented in this folder."""

# each method imports its module when it is called, so that a client starts fast

from __future__ import annotations

__all__ = ["ClientMethods"]


class ClientMethods:
    """Methods of `Client` that use its public operations alone."""

    __slots__ = ()
