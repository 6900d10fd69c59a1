"""Streamed responses: the stream, event handlers, and response targets."""
