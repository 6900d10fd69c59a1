"""The standard middleware, one per file; the first word of each names its step.

The order is in ``assembly/standard_stack.py``; ``README.md`` lists what each one does.
"""
