"""HTTP clients: the only place that touches a socket."""
