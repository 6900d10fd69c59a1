"""The native HTTP client: HTTP/1.1 on sockets of this library, without aiohttp."""
