"""Streamed responses: the stream, event handlers, response targets."""
