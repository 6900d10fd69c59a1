"""HTTP clients: the only folder that opens sockets for calls."""
