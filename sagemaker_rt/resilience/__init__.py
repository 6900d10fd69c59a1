"""Options that protect callers and endpoints; each is a middleware, in one file."""
