from __future__ import annotations

import socket

import pytest

from sagemaker_rt.transport.socket_options import set_options


@pytest.mark.parametrize("is_probed", [True, False])
def test_a_socket_sends_at_once_and_may_be_probed(*, is_probed: bool) -> None:
    with socket.socket() as new:
        set_options(new, is_probed=is_probed)

        assert new.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert is_probed == bool(new.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
