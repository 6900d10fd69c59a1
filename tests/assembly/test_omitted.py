from __future__ import annotations

from sagemaker_rt.assembly.omitted import Omitted


def test_omitted_middleware_are_compared_by_id_and_reason() -> None:
    one = Omitted("CallLogger", "log_level is not set")

    assert one == Omitted("CallLogger", "log_level is not set")
    assert one != Omitted("CallLogger", "another reason")
    assert 1 == len({one, Omitted("CallLogger", "log_level is not set")})
