from __future__ import annotations

from attrs import evolve, frozen

from sagemaker_rt import InvokeEndpointInput
from sagemaker_rt.resilience.changed_member import with_member


def test_a_copy_with_another_value_equals_that_of_attrs() -> None:
    shape = InvokeEndpointInput(endpoint_name="m", body=b"x", accept="a/b")

    copy = with_member(shape, "target_variant", "A")

    assert evolve(shape, target_variant="A") == copy
    assert shape.target_variant is None


@frozen(kw_only=True, slots=False)
class DerivedInput(InvokeEndpointInput):
    tenant: str = "nobody"


def test_a_derived_shape_keeps_its_own_members() -> None:
    shape = DerivedInput(endpoint_name="m", body=b"x", tenant="a")

    copy = with_member(shape, "target_variant", "A")

    assert evolve(shape, target_variant="A") == copy
    assert copy.tenant == "a"
