"""One call at run time: client state, compiled operations, arguments."""
