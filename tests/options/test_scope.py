from __future__ import annotations

import attrs
from attrs import field, frozen

from sagemaker_rt.options.scope import CLIENT_ONLY, is_client_only


@frozen
class Group:
    shared: int = field(default=1, metadata=CLIENT_ONLY)
    own: int = field(default=1, metadata={"unit": "seconds"})


def test_the_metadata_of_an_option_marks_it() -> None:
    marks = {option.name: is_client_only(option) for option in attrs.fields(Group)}

    assert {"shared": True, "own": False} == marks
