"""Which codec encodes a value, and which decodes a response."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.codecs.codec import Codec
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec, JSONLinesCodec
from sagemaker_rt.inference.codecs.numpy_codecs import NPYCodec, NPZCodec
from sagemaker_rt.inference.codecs.text_codecs import RawCodec, TextCodec
from sagemaker_rt.sansio.callables import runs_later
from sagemaker_rt.sansio.content_types import media_type_of
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = ["CODECS", "CodecRegistry", "register_codec"]

T = TypeVar("T")

# types that say nothing about the format: the codec of the request decodes these
_GENERIC: Final = {"", "*/*", "application/octet-stream", "binary/octet-stream"}
_JSON_LINES_TYPES: Final = (
    "application/jsonl",
    "application/x-jsonlines",
    "application/x-jsonl",
    "application/ndjson",
    "application/x-ndjson",
)
_JSON_TYPES: Final = (dict, list, tuple, int, float, type(None))


class CodecRegistry:
    """The codecs by name, by media type, and by the types of their values."""

    def __init__(self) -> None:
        self._names: dict[str, Codec] = {}
        self._media_types: dict[str, Codec] = {}
        self._types: list[tuple[type, Codec]] = []  # the last one has precedence
        self._json, self._text, self._raw = JSONCodec(), TextCodec(), RawCodec()
        self._csv, self._npy = CSVCodec(), NPYCodec()
        self.register(self._raw, name="raw", types=(bytes, bytearray, memoryview))
        self.register(self._text, name="text", types=(str,))
        self.register(self._json, name="json", types=_JSON_TYPES)
        lines = JSONLinesCodec()
        self.register(lines, name="jsonlines", media_types=_JSON_LINES_TYPES)
        self.register(self._csv, name="csv", media_types=("application/csv",))
        self.register(self._npy, name="npy")
        self.register(NPZCodec(), name="npz")

    def register(
        self,
        codec: Codec,
        *,
        name: str | None = None,
        types: Iterable[type] = (),
        media_types: Iterable[str] = (),
    ) -> None:
        """Add *codec*, as `register_codec`."""
        _require_codec(codec)
        _require_name(name)
        types, media_types = _items(types, type), _items(media_types, str)
        if name is not None:
            self._names[name] = codec
        self._types += [(type, codec) for type in types]
        for media_type in (codec.content_type, *media_types):
            self._media_types[media_type_of(media_type)] = codec

    def find(self, codec: Codec | str) -> Codec:
        """Return the codec with a name or a media type; a codec is returned itself.

        Raises:
            ParamValidationError: There is none, or *codec* is not a codec.
        """
        if not isinstance(codec, str):
            _require_codec(codec)
            return codec
        found = self._names.get(codec) or self._media_types.get(media_type_of(codec))
        if found is None:
            known = f"the codecs are {', '.join(self._names)}"
            hint = did_you_mean(codec, self._names, otherwise=known)
            problem = f"unknown codec {codec!r}{hint}"
            raise ParamValidationError(problem, [problem])
        return found

    def of_value(self, value: object) -> Codec:
        """Return the default codec for *value*.

        Data frames and arrays are recognized by their attributes, so that neither
        pandas nor NumPy is imported.

        Raises:
            ParamValidationError: There is none.
        """
        for type_, codec in reversed(self._types):
            if isinstance(value, type_):
                return codec
        if hasattr(value, "to_csv"):
            return self._csv
        if hasattr(value, "__array__"):
            # a scalar of NumPy is a number
            is_scalar = getattr(value, "shape", None) == ()
            return self._json if is_scalar else self._npy
        name = type(value).__name__
        problem = f"no codec for a value of type {name}; pass codec=…, or register one"
        raise ParamValidationError(problem, [problem])

    def of_response(self, content_type: str | None, codec: Codec) -> Codec:
        """Return the codec that decodes a response of *content_type*.

        Args:
            codec: The codec of the request. It decodes its own types, and types that
                say nothing about the format.
        """
        media_type = media_type_of(content_type)
        own = {media_type_of(codec.content_type), media_type_of(codec.accept)}
        if media_type in _GENERIC or media_type in own:
            return codec
        if (found := self._media_types.get(media_type)) is not None:
            return found
        if media_type.endswith("+json"):
            return self._json
        return self._text if media_type.startswith("text/") else self._raw


def _require_codec(codec: object) -> None:
    """Raise unless *codec* is an object with what a codec has.

    Raises:
        ParamValidationError: It is not.
    """
    kind = codec.__name__ if isinstance(codec, type) else type(codec).__name__
    if not isinstance(codec, Codec) or isinstance(codec, type):
        members = "content_type, accept, encode and decode"
        problem = f"codec {kind} must be an object with {members}, or a name"
    elif runs_later(codec.encode) or runs_later(codec.decode):
        problem = f"encode and decode of codec {kind} must be plain functions"
    elif not (isinstance(codec.content_type, str) and isinstance(codec.accept, str)):
        problem = f"content_type and accept of codec {kind} must be str"
    else:
        return
    raise ParamValidationError(problem, [problem])


def _require_name(name: object) -> None:
    if name is not None and not isinstance(name, str):
        problem = f"name must be a str, not {name!r}"
        raise ParamValidationError(problem, [problem])


def _items(items: Any, kind: type[T]) -> tuple[T, ...]:
    """Return *items*, which must be an iterable of *kind*."""
    is_many = isinstance(items, Iterable) and not isinstance(items, (str, type))
    found: tuple[Any, ...] = tuple(items) if is_many else (None,)
    if all(isinstance(item, kind) for item in found):
        return found
    problem = f"pass an iterable of {kind.__name__}, not {items!r}"
    raise ParamValidationError(problem, [problem])


CODECS: Final = CodecRegistry()


def register_codec(
    codec: Codec,
    *,
    name: str | None = None,
    types: Iterable[type] = (),
    media_types: Iterable[str] = (),
) -> None:
    """Let `Client.predict` use *codec*, in all clients of this process.

    It decodes responses of its ``content_type``. A later codec takes precedence over an
    earlier one, and over those of the library.

    Args:
        codec: An object with the attributes and methods of `Codec`.
        name: A name for ``predict(codec=…)``, beside the media type.
        types: Types whose instances are encoded by it if no codec is named.
        media_types: Further media types of responses that it decodes.

    Raises:
        ParamValidationError: *codec* is not a codec, or another argument is invalid;
            nothing was registered.
    """
    CODECS.register(codec, name=name, types=types, media_types=media_types)
