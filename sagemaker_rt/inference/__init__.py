"""Conveniences on the public API of the client: one capability a file."""
