"""Codecs of NumPy's file formats: NPY, one array, and NPZ, several.

NumPy is imported when a value is encoded or decoded. Nothing is pickled or unpickled.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from attrs import field, frozen

from sagemaker_rt.errors import (
    OutputDecodingError,
    SageMakerRuntimeError,
    SerializationError,
)
from sagemaker_rt.sansio.npy_format import parse_npy_header

__all__ = ["NPYCodec", "NPZCodec"]

_SUFFIX: Final = ".npy"
_MAX_NAME_BYTES: Final = 65_535 - len(_SUFFIX)  # ZIP has 16 bits for the length
_MAX_SHOWN: Final = 40
_MAX_BYTES: Final = 1 << 30
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE: Final = (  # what zipfile raises for damaged files
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,  # an encrypted member, for example
    OSError,
    ValueError,
    IndexError,
    OverflowError,
)


@frozen
class NPYCodec:
    """NPY: one array, or a value that `numpy.asarray` converts to one.

    A decoded array refers to the body of the response, without a copy. So it is
    read-only; use ``array.copy()`` to change it. An array is copied once when it is
    encoded. The extra ``sagemaker-rt[numpy]`` installs NumPy.
    """

    content_type: str = "application/x-npy"
    accept: str = "application/x-npy"

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as an ``.npy`` file.

        Raises:
            SerializationError: It is not an array of numbers or text, or NumPy is
                missing.
        """
        numpy = _numpy(SerializationError)
        try:
            array = numpy.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:
            message = f"value of type {type(value).__name__} is not an array: {error}"
            raise SerializationError(message) from None
        if isinstance(value, numpy.ma.MaskedArray):
            message = "value is a masked array, whose mask the format cannot hold"
            raise SerializationError(message)
        if array.dtype.hasobject:
            message = f"value is an array of objects ({array.dtype}), not of numbers"
            raise SerializationError(message)
        return b"".join((_header_of(numpy, array), _items_of(numpy, array)))

    def decode(self, body: bytes, _: str | None, /) -> Any:
        """Return the array in *body*, as a read-only view of it.

        Raises:
            OutputDecodingError: The body is not one array, or has Python objects, or
                NumPy is missing.
        """
        numpy = _numpy(OutputDecodingError)
        header = parse_npy_header(body)
        try:
            dtype = numpy.lib.format.descr_to_dtype(header.descr)
        except (TypeError, ValueError, KeyError, IndexError) as error:
            message = "the dtype of the .npy file is invalid"
            raise OutputDecodingError(message) from error
        if dtype.hasobject:
            message = "the .npy file has Python objects, which are never unpickled"
            raise OutputDecodingError(message)
        expected = math.prod(header.shape) * dtype.itemsize
        received = len(body) - header.offset
        if received != expected:
            message = f"the .npy file has {received} bytes of items, not {expected}"
            raise OutputDecodingError(message)
        order = "F" if header.is_fortran_order else "C"
        try:
            return numpy.ndarray(header.shape, dtype, body, header.offset, order=order)
        except (TypeError, ValueError) as error:
            message = f"the .npy file has an impossible shape: {error}"
            raise OutputDecodingError(message) from error


@frozen
class NPZCodec:
    """NPZ: arrays by their names.

    The value is a dictionary, or a list of arrays, which get the names ``arr_0``,
    ``arr_1``, and so on. The decoded value is a dictionary of read-only arrays. The
    extra ``sagemaker-rt[numpy]`` installs NumPy.

    Args:
        max_bytes: The limit of the decompressed size of a response, in bytes.
    """

    content_type: str = "application/x-npz"
    accept: str = "application/x-npz"
    max_bytes: int = field(default=_MAX_BYTES, kw_only=True)

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as an ``.npz`` file, without compression.

        Raises:
            SerializationError: It is not a dictionary or a list of arrays, or NumPy is
                missing.
        """
        if isinstance(value, Mapping):
            arrays = value
        elif isinstance(value, (list, tuple)):
            arrays = {f"arr_{index}": array for index, array in enumerate(value)}
        else:
            kind = type(value).__name__
            message = (
                f"value is of type {kind}; it must be a dictionary or list of arrays"
            )
            raise SerializationError(message)
        file, codec = io.BytesIO(), NPYCodec()
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                _require_name(name)
                # without the time, so that equal arrays are equal bytes
                member = zipfile.ZipInfo(name + _SUFFIX)
                archive.writestr(member, codec.encode(array))
        return file.getvalue()

    def decode(self, body: bytes, _: str | None, /) -> dict[str, Any]:
        """Return the arrays in *body*, by their names.

        Raises:
            OutputDecodingError: The body is not such a file, is damaged or too large,
                or NumPy is missing.
        """
        try:
            return self._decode(body)
        except _DAMAGE as error:
            message = f"the body is not a valid .npz file: {error}"
            raise OutputDecodingError(message) from error

    def _decode(self, body: bytes) -> dict[str, Any]:
        codec, arrays = NPYCodec(), dict[str, Any]()
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > self.max_bytes:
                message = (
                    f"the .npz file has {size} bytes; the limit is {self.max_bytes}"
                )
                raise OutputDecodingError(message)
            for member in members:
                name = member.filename.removesuffix(_SUFFIX)
                if name in arrays or member.compress_type not in _COMPRESSIONS:
                    message = (
                        f"the .npz file has {name!r} twice, or in a compression "
                        "that is not deflate"
                    )
                    raise OutputDecodingError(message)
                arrays[name] = codec.decode(archive.read(member), None)
        return arrays


def _numpy(error: type[SageMakerRuntimeError], name: str = "numpy") -> Any:
    """Return the module of NumPy, or raise *error*."""
    try:
        return import_module(name)
    except ImportError as cause:
        message = "arrays need NumPy; install sagemaker-rt[numpy]"
        raise error(message) from cause


def _require_name(name: object) -> None:
    if not isinstance(name, str):
        message = f"the name of an array must be a str: {name!r}"
        raise SerializationError(message)
    # `zipfile` cuts a name at NUL
    is_long = len(name.encode(errors="replace")) > _MAX_NAME_BYTES
    if "\0" in name or is_long or _has_surrogate(name):
        message = (
            f"the name of an array must be valid text of at most {_MAX_NAME_BYTES} "
            f"bytes, without NUL: {name[:_MAX_SHOWN]!r}"
        )
        raise SerializationError(message)


def _has_surrogate(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


def _header_of(numpy: Any, array: Any) -> bytes:
    """Return the header of *array* in the oldest version of the format that fits."""
    format, file = numpy.lib.format, io.BytesIO()
    header = format.header_data_from_array_1_0(array)
    try:
        format.write_array_header_1_0(file, header)
    except ValueError:
        file.seek(0)
        try:
            format.write_array_header_2_0(file, header)
        except ValueError as error:
            message = f"the dtype of value does not fit the .npy format: {error}"
            raise SerializationError(message) from error
    return file.getvalue()


def _items_of(numpy: Any, array: Any) -> Any:
    """Return the items of *array* in the order of its header, copied if it has gaps."""
    if not array.dtype.itemsize:
        return b""
    ordered = array.T if array.flags.f_contiguous else numpy.ascontiguousarray(array)
    # as bytes: times, for example, have no buffer
    return ordered.reshape(-1).view(numpy.uint8).data
