"""What proves who sends a request: one signer a file."""
