"""Logging options, spans and metrics; the middleware that writes them uses this."""
