from __future__ import annotations

from attrs import evolve

from sagemaker_rt import InvokeEndpointInput
from sagemaker_rt.resilience.changed_members import with_members


def test_a_copy_with_other_members_equals_that_of_attrs() -> None:
    shape = InvokeEndpointInput(endpoint_name="m", body=b"x", accept="a/b")

    copy = with_members(shape, target_variant="A", body=b"y")

    assert evolve(shape, target_variant="A", body=b"y") == copy
    assert (b"x", None) == (shape.body, shape.target_variant)
