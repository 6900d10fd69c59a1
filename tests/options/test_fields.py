from __future__ import annotations

from sagemaker_rt.options import Options
from sagemaker_rt.options.fields import OptionFields


def test_each_option_has_a_type_and_none_is_required() -> None:
    assert {*Options().flat()} == OptionFields.__annotations__.keys()
    assert frozenset() == OptionFields.__required_keys__
