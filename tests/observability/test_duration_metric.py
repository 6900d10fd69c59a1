from __future__ import annotations

from sagemaker_rt.observability.duration_metric import DurationMetric


def test_a_metric_is_a_value() -> None:
    metric = DurationMetric("client.call.duration", "before_next")

    assert metric == DurationMetric("client.call.duration", "before_next")
    assert metric != DurationMetric("client.call.duration", "after_next")
