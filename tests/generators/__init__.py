"""Generators of files: type stubs, and what is declared with the options."""
