"""Keeps the secrets of requests out of the logs of `hpack`, the library of `h2`."""

from __future__ import annotations

import logging

__all__ = ["silence_hpack"]


def silence_hpack() -> None:
    """Drop the records below ``INFO`` of the encoder and the decoder of headers.

    At ``DEBUG`` they contain whole headers, with the signature and the session token.
    """
    for name in ("hpack.hpack", "hpack.table"):
        logging.getLogger(name).addFilter(_is_above_debug)


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.INFO
