"""Providers of credentials and tokens, the default chain, and the cache.

One provider a file. Those that send requests or start programs are slow to import, so
the chain imports each of them when its turn comes.
"""
