from __future__ import annotations

from sagemaker_rt.transport.request_stage import Stage


def test_a_request_counts_as_sent_once_it_is_being_written() -> None:
    assert [Stage.WRITE, Stage.HEAD, Stage.BODY] == [s for s in Stage if s.is_sent]
