"""Batch scoring: a model is invoked with each line of a file, or each file of a folder.

```python
job = BatchJob("my-endpoint", "in.jsonl", "out.jsonl", concurrency=64, resume=True)
summary = await run(job)
```
"""

from __future__ import annotations

from sagemaker_rt.batch.frames import FrameScorer
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.run import run
from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.sansio.batch_statistics import BatchProgress

__all__ = ["BatchJob", "BatchProgress", "BatchSummary", "FrameScorer", "run"]
