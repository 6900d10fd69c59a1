"""Runs the command line: ``python -m sagemaker_rt``."""

from __future__ import annotations

from sagemaker_rt.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
