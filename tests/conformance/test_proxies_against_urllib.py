"""Proxies in the environment, compared with urllib and botocore."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import botocore.httpsession
import botocore.utils
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.proxy_environment import proxy_url, proxy_variable
from sagemaker_rt.sansio.proxy_selection import is_bypassed

LABELS = st.sampled_from(["a", "b", "ab", "example", "com", "amazonaws"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
PORTS = st.sampled_from([80, 443, 8080])
ENTRIES = st.builds(
    lambda dot, name, port: f"{dot}{name}{port}",
    st.sampled_from(["", "."]),
    NAMES,
    st.sampled_from(["", ":80", ":443", ":8080"]),
)
NO_PROXIES = st.one_of(
    st.just("*"),
    st.lists(ENTRIES, max_size=4).map(",".join),
    st.lists(ENTRIES, max_size=4).map(" , ".join),
)
VALUES = st.sampled_from(["", "http://a:1", "http://b:2", "https://c:3"])
ENVIRONS = st.fixed_dictionaries(
    {},
    optional={
        "http_proxy": VALUES,
        "HTTP_PROXY": VALUES,
        "https_proxy": VALUES,
        "HTTPS_PROXY": VALUES,
        "no_proxy": NO_PROXIES,
        "NO_PROXY": NO_PROXIES,
        "ALL_PROXY": VALUES,
        "REQUEST_METHOD": st.just("GET"),
    },
)


@contextmanager
def process_environ(environ: Mapping[str, str]) -> Iterator[None]:
    """Replace the proxy variables of this process by *environ*."""
    before = dict(os.environ)
    for name in before:
        if name.lower().endswith("_proxy") or name == "REQUEST_METHOD":
            del os.environ[name]
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@given(NO_PROXIES, NAMES, PORTS)
def test_hosts_bypass_the_proxy_as_in_urllib(
    no_proxy: str, host: str, port: int
) -> None:
    expected = urllib.request.proxy_bypass_environment(  # type: ignore[attr-defined] # not in the stub
        f"{host}:{port}", {"no": no_proxy} if no_proxy else {}
    )

    assert bool(expected) == is_bypassed(no_proxy, host, port=port)


@given(ENVIRONS)
def test_variables_apply_as_in_urllib(environ: dict[str, str]) -> None:
    with process_environ(environ):
        expected = urllib.request.getproxies_environment()

    for kind in ("http", "https", "no"):
        name = proxy_variable(environ, (f"{kind}_proxy", f"{kind}_PROXY".upper()))
        assert expected.get(kind) == (None if name is None else environ[name])


@given(ENVIRONS, st.sampled_from(["http", "https"]), NAMES, PORTS)
def test_the_proxy_of_a_request_is_that_of_botocore(
    environ: dict[str, str], scheme: str, host: str, port: int
) -> None:
    url = f"{scheme}://{host}:{port}/"
    with process_environ(environ):
        proxies = botocore.utils.get_environ_proxies(url)
    expected = botocore.httpsession.ProxyConfiguration(proxies).proxy_url_for(url)

    name = proxy_variable(environ, (f"{scheme}_proxy", f"{scheme}_proxy".upper()))
    no = proxy_variable(environ, ("no_proxy", "NO_PROXY"))
    is_direct = name is None or is_bypassed(environ[no] if no else "", host, port=port)
    actual = None if is_direct or name is None else proxy_url(environ[name])

    assert expected == actual


@given(st.sampled_from(["a:1", "//a:1", "http://a:1", "https://a:1", "u:p@a:1"]))
def test_a_proxy_without_a_scheme_is_that_of_botocore(text: str) -> None:
    configuration = botocore.httpsession.ProxyConfiguration({"https": text})

    assert configuration.proxy_url_for("https://b") == proxy_url(text)
