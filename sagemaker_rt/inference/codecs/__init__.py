"""Encoding of values for models, and decoding of their responses; one format a file."""
