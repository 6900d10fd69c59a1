"""From the configuration of another AWS SDK to `Options`.

::

    ported_options({"maxRetries": 2, "httpOptions": {"timeout": 5000}})

Each SDK has a table of its names in a file of its own. It says for each name to which
option it leads, and in which unit; that it has no meaning here; or what to do instead.
"""

from __future__ import annotations

from sagemaker_rt.porting.loader import Dialect, ported_options

__all__ = ["Dialect", "ported_options"]
