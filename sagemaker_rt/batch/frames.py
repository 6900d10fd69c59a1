"""Invokes a model with each row of a data frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from attrs import field, frozen

from sagemaker_rt.batch.client_options import with_connections
from sagemaker_rt.client import Client
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.call_results import OnError
from sagemaker_rt.inference.codecs.json_codecs import frame_records
from sagemaker_rt.inference.many_calls import call_many
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.number_checks import is_integer

__all__ = ["FrameScorer"]


def _are_names(_: object, __: object, value: Any) -> None:
    if isinstance(value, str):
        problem = f"columns must be a list of names, such as [{value!r}], not a text"
        raise ParamValidationError(problem, [problem])


def _is_positive(_: object, __: object, value: object) -> None:
    if not is_integer(value, 1):
        problem = f"concurrency must be a positive integer, not {value!r}"
        raise ParamValidationError(problem, [problem])


@frozen
class FrameScorer:
    """A function of a data frame of pandas, which adds a column with outputs.

    It can be pickled. Pass it to ``map_partitions`` of Dask, ``map_batches`` of Ray or
    ``mapInPandas`` of Spark. Each call makes a client, and closes it; rows of a frame
    are called concurrently. It also works where an event loop runs, which it blocks.

    Each row is sent as a JSON object of its columns, with null for a missing value. The
    output is decoded as by `Client.predict`.

    Raises:
        ValueError: The concurrency is not positive, or *columns* is one name.
    """

    endpoint_name: str
    """The endpoint to invoke."""
    output: str = field(default="output", kw_only=True)
    """The name of the new column."""
    columns: Sequence[str] | None = field(
        default=None, kw_only=True, validator=_are_names
    )
    """The columns to send; None for all."""
    errors: str | None = field(default=None, kw_only=True)
    """The name of a second column, which has the texts of errors. None: the first error
    is raised, and calls in flight are cancelled."""
    concurrency: int = field(default=16, kw_only=True, validator=_is_positive)
    """The maximum number of calls in flight of one frame."""
    members: Mapping[str, Any] = field(factory=dict, kw_only=True, repr=False)
    """Other members of `InvokeEndpointInput`, such as ``target_model``."""
    options: Options = field(factory=Options, kw_only=True, repr=False)
    """The options of the client. Unset ones are those of the environment, where the
    frame is."""

    def __call__(self, frame: Any) -> Any:
        """Return *frame* with the column of outputs.

        Raises:
            ParamValidationError: *frame* does not have one of the columns.
            SageMakerRuntimeError: A call failed, and `errors` is not set.
        """
        names = [*frame.columns] if self.columns is None else [*self.columns]
        if absent := [name for name in names if name not in frame.columns]:
            known = ", ".join(map(repr, frame.columns))
            problem = f"the data frame has no column {absent[0]!r}; it has {known}"
            raise ParamValidationError(problem, [problem])
        rows = frame_records(frame[names])
        outputs, errors = _run(lambda: self._outputs(rows))
        return self._with_columns(frame, outputs, errors)

    def meta(self, frame: Any) -> Any:
        """Return an empty frame with the columns of the result.

        Pass it as ``meta`` to ``map_partitions``: Dask would call the function with
        invented rows to find them.

        Args:
            frame: A frame of pandas, or the ``_meta`` of one of Dask.
        """
        return self._with_columns(frame.iloc[:0], [], [])

    def _with_columns(self, frame: Any, outputs: list[Any], errors: list[Any]) -> Any:
        series = type(frame.index.to_series())
        columns = {self.output: outputs}
        if self.errors is not None:
            columns[self.errors] = errors
        return frame.assign(
            **{
                name: series(values, index=frame.index, dtype=object)
                for name, values in columns.items()
            }
        )

    async def _outputs(self, rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
        outputs: list[Any] = []
        errors: list[Any] = []
        if not rows:
            return outputs, errors
        limit = self.concurrency
        async with Client(with_connections(self.options, limit)) as client:

            async def call(row: dict[str, Any]) -> Any:
                return await client.predict(self.endpoint_name, row, **self.members)

            on_error: OnError = "raise" if self.errors is None else "collect"
            async with call_many(
                call, rows, concurrency=limit, ordered=True, on_error=on_error
            ) as results:
                async for result in results:
                    failed = result.error is not None
                    outputs.append(None if failed else result.output)
                    errors.append(str(result.error) if failed else None)
        return outputs, errors


def _run(function: Callable[[], Any]) -> Any:
    """Run a coroutine function to its end, in another thread if a loop runs in this."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(function())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(function())).result()
