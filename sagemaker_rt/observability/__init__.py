"""Spans, instruments and log formatting."""
