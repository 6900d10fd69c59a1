"""Pure functions and decoders: protocol, signing, retry decisions, configuration.

They take bytes and values and return values. Nothing here waits, reads a clock, draws
random numbers or opens files; the caller passes such inputs as arguments.
"""
