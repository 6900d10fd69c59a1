"""Measures the CPU time of decoding an event stream.

Each decoder gets the same messages in chunks, as from a socket, and verifies both
checksums of each message. In the last table, one large message arrives in many chunks:
a decoder that scans its buffer for each chunk takes quadratic time.

Run::

    python benchmarks/eventstream_decoding.py [--quick] [--only VARIANT,…]

Columns, one table for each size of parts and chunks:

* ``CPU µs/part``: CPU time of a decoded part
* ``parts/s``: throughput
* ``÷ sagemaker_rt``: CPU time divided by that of sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

import comparison
import event_stream
import measured_process

_KIB: Final = 1024
_STREAM: Final = 256 * _KIB


def sagemaker_rt(part: int, chunk: int) -> None:
    """Measure the decoder of this library."""
    decoder_class = import_module("sagemaker_rt.sansio.eventstream").EventStreamDecoder
    chunks = _chunks(part, chunk)

    def call() -> None:
        decoder = decoder_class()
        for data in chunks:
            for run in decoder.feed_runs(data):
                for payload in run.payloads:
                    len(payload)
        decoder.close()

    measured_process.measure_sequential(call)


def botocore(part: int, chunk: int) -> None:
    """Measure the decoder of boto3 and aiobotocore."""
    buffer_class = import_module("botocore.eventstream").EventStreamBuffer
    chunks = _chunks(part, chunk)

    def call() -> None:
        buffer = buffer_class()
        for data in chunks:
            buffer.add_data(data)
            for message in buffer:
                len(message.payload)

    measured_process.measure_sequential(call)


def _chunks(part: int, chunk: int) -> list[bytes]:
    frame = event_stream.payload_part(b"x" * part)
    stream = frame * _parts(part)
    return [stream[i : i + chunk] for i in range(0, len(stream), chunk)]


def _parts(part: int) -> int:
    """Return the number of parts that one call decodes."""
    return max(1, _STREAM // len(event_stream.payload_part(b"x" * part)))


def main() -> None:
    """Print a table for each size of parts and chunks."""
    settings = comparison.settings(__doc__)
    for title, part, chunk, goal in (
        ("Parts of 20 B, in chunks of 64 KiB", 20, 64 * _KIB, 8.0),
        ("Parts of 1 KiB, in chunks of 64 KiB", _KIB, 64 * _KIB, 5.0),
        ("A part of 17 MiB, in chunks of 4 KiB", 17 * _KIB * _KIB, 4 * _KIB, 20.0),
    ):
        arguments = {"part": part, "chunk": chunk}
        variants = [
            comparison.Variant(
                "sagemaker_rt", "sagemaker_rt", "sagemaker_rt", arguments
            ),
            comparison.Variant("botocore", "botocore", "boto3", arguments, goal),
        ]
        units = _parts(part)
        # botocore takes seconds to decode a large part
        chosen = settings if units > 1 else settings.at_most(3)
        comparison.compare(title, variants, chosen, unit="part", units=units)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, botocore)
