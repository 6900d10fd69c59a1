"""Batch scoring on a cluster of Dask.

```python
from distributed import Client

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.dask import run

job = BatchJob("my-endpoint", "/shared/in.jsonl", "/shared/out.jsonl", concurrency=256)
async with Client("tcp://scheduler:8786", asynchronous=True) as cluster:
    summary = await run(job, cluster)
```
"""

from __future__ import annotations

from sagemaker_rt.errors import OptionsError

try:
    from sagemaker_rt.batch.dask.run import run
except ModuleNotFoundError as error:
    if error.name not in {"dask", "distributed"}:
        raise
    message = (
        f"batch jobs on a cluster need {error.name}: pip install 'sagemaker-rt[dask]'"
    )
    raise OptionsError(message) from error

__all__ = ["run"]
