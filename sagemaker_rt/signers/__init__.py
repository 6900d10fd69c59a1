"""Signers, which add a signature to a request. They implement `interfaces.Signer`."""
