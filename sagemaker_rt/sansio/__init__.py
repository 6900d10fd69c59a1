"""Pure functions and decoders: bytes and values in, values out; nothing here waits."""
