"""Values as JSON, with orjson and without it."""

from __future__ import annotations

import json
import math
from array import array
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.sansio.json_encoding import (
    array_as_list,
    encode_json,
    encode_json_by,
    find_library,
)

LIBRARIES = pytest.mark.parametrize("library", [orjson, None], ids=["orjson", "json"])


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Word(StrEnum):
    YES = "yes"


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Record:
    x: int = 1


class BrokenDict(dict[str, int]):
    """A dictionary that fails the first time it is read."""

    reads = 0

    def items(self) -> Any:
        self.reads += 1
        if self.reads == 1:
            raise ValueError
        return super().items()


@LIBRARIES
@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ({"a": [1, 2.5, None, True, "é\u2028"]}, '{"a":[1,2.5,null,true,"é\u2028"]}'),
        (None, "null"),
        ((1, Point(2, 3)), "[1,[2,3]]"),
        ({2: "a", None: 2, True: 3, 0.5: 4}, '{"2":"a","null":2,"true":3,"0.5":4}'),
        (OrderedDict(a=1), '{"a":1}'),
        (defaultdict(int, a=1), '{"a":1}'),
        (2**70, str(2**70)),
        ([Colour.RED, Level.LOW, Word.YES], '["red",1,"yes"]'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({"instances": np.array([[1.5, 2.0]])}, '{"instances":[[1.5,2.0]]}'),
        ([np.float32(0.5), np.int64(3), np.bool_(True)], "[0.5,3,true]"),
        (np.float64(0.5), "0.5"),
        (["null"], '["null"]'),
    ],
)
def test_both_libraries_encode_the_same_values(
    value: object, encoded: str, library: Any
) -> None:
    assert encoded == encode_json_by(library, value, "json").decode()


CYCLE: list[object] = [1]
CYCLE.append({"again": CYCLE})
DEEP: list[object] = []
for _ in range(100_000):
    DEEP = [DEEP]


@LIBRARIES
@pytest.mark.parametrize(
    ("value", "path", "word"),
    [
        (math.nan, "json", "nan"),
        ({"a": [1, {"b": -math.inf}]}, "json['a'][1]['b']", "-inf"),
        ({"a": None, "b": (1, math.nan)}, "json['b'][1]", "nan"),
        ({"a": np.array([[1.0, math.nan]])}, "json['a'][0][1]", "nan"),
        ([b"bytes"], "json[0]", "bytes"),
        ([{1, 2}], "json[0]", "set"),
        ([Record()], "json[0]", "Record"),
        ([datetime.now(UTC)], "json[0]", "datetime"),
        ([1j], "json[0]", "complex"),
        (np.array([np.longdouble(1)]), "json[0]", "longdouble"),
        ([np.array([1j])], "json[0][0]", "complex"),
        ([array("f", [1.0])], "json[0]", "array"),
        ({"a": {(1, 2): 3}}, "json['a']", "tuple"),
        ([{math.nan: 3}], "json[0]", "nan"),
        ([{"\ud800": 3}], "json[0]", "surrogate"),
        (["a\ud800"], "json[0]", "surrogate at 1"),
        ([10**5000], "json[0]", "digits"),
        (CYCLE, "json", "contains itself"),
        (DEEP, "json", "nested"),
        ({"k" * 99: {1}}, "json['" + "k" * 39 + "…]", "set"),
        (iter([1]), "json", "list_iterator"),
    ],
)
def test_the_path_of_an_invalid_item_is_reported(
    value: object, path: str, word: str, library: Any
) -> None:
    with pytest.raises(SerializationError, match=word) as caught:
        encode_json_by(library, value, "json")

    assert path == caught.value.path
    assert str(caught.value).startswith(f"{path} ")


def test_a_failure_without_an_invalid_item_is_an_error() -> None:
    with pytest.raises(SerializationError) as caught:
        encode_json_by(None, BrokenDict(a=1), "json")

    assert "json" == caught.value.path


def test_no_part_of_the_value_is_in_the_error() -> None:
    with pytest.raises(SerializationError) as caught:
        encode_json({"a": ["the-secret", {1}]}, "json")

    error = caught.value
    shown = [str(error)]
    assert (error.__cause__, error.__context__) == (None, None)
    traceback = error.__traceback__
    while (traceback := traceback.tb_next if traceback else None) is not None:
        shown.append(repr(traceback.tb_frame.f_locals))
    assert not any("the-secret" in text for text in shown)


NUMBERS = st.integers() | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters()),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(st.text(st.characters()) | NUMBERS, inner)
    ),
)


@given(VALUES)
def test_both_libraries_agree_on_any_value(value: object) -> None:
    results = list[object]()
    for library in (orjson, None):
        try:
            results.append(json.loads(encode_json_by(library, value, "json")))
        except SerializationError as error:
            results.append((str(error), error.path))

    assert results[0] == results[1]


def test_arrays_and_scalars_are_recognized_by_their_attributes() -> None:
    assert [1, 2] == array_as_list(np.array([1, 2]))
    assert 1.5 == array_as_list(np.float32(1.5))
    assert None is array_as_list(array("f", [1.0]))
    assert None is array_as_list([1])


def test_a_library_that_is_not_installed_is_not_used() -> None:
    assert orjson is find_library("orjson")
    assert None is find_library("no_such_module")
