from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.sized_cache import SizedCache
from tests.threads import run_in_threads


def cache_of(**limits: int) -> SizedCache[str]:
    return SizedCache(**{"ttl": 10, "max_bytes": 100, "max_items": 3, **limits})


def test_a_value_is_kept_until_it_expires() -> None:
    cache = cache_of()
    cache.put("a", "A", 5, now=0.0)

    assert ("A", None) == (cache.get("a", 9.9), cache.get("b", 0.0))
    assert (None, 0, 0) == (cache.get("a", 10.0), len(cache), cache.size)


def test_the_least_recently_used_value_is_dropped() -> None:
    cache = cache_of()
    for key in "abc":
        cache.put(key, key, 1, now=0.0)
    cache.get("a", 0.0)

    cache.put("d", "d", 1, now=0.0)

    assert ["a", None, "c", "d"] == [cache.get(key, 0.0) for key in "abcd"]


def test_several_threads_may_use_it() -> None:
    cache = cache_of(max_items=20, max_bytes=1000)

    def use(thread: int) -> None:
        for number in range(5000):
            key = (number * 3 + thread) % 40
            if cache.get(key, 0.0) is None:
                cache.put(key, "value", 60, 0.0)

    run_in_threads(use)

    assert 60 * len(cache) == cache.size


def test_values_are_dropped_until_the_size_fits() -> None:
    cache = cache_of()
    for key in "ab":
        cache.put(key, key, 40, now=0.0)

    cache.put("c", "c", 61, now=0.0)

    assert ([None, None, "c"], 61) == (
        [cache.get(key, 0.0) for key in "abc"],
        cache.size,
    )


def test_a_value_that_never_fits_is_not_kept_and_drops_only_its_predecessor() -> None:
    cache = cache_of()
    for key in "ab":
        cache.put(key, key, 1, now=0.0)

    cache.put("a", "large", 101, now=0.0)

    assert (None, "b") == (cache.get("a", 0.0), cache.get("b", 0.0))


def test_a_cache_of_no_items_keeps_nothing() -> None:
    cache = cache_of(max_items=0)

    cache.put("a", "A", 1, now=0.0)

    assert 0 == len(cache)


def test_all_values_can_be_dropped() -> None:
    cache = cache_of()
    cache.put("a", "A", 1, now=0.0)

    cache.clear()

    assert (0, 0, None) == (len(cache), cache.size, cache.get("a", 0.0))


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.integers(0, 6), st.integers(0, 120), st.floats(0, 4)
        ),
        max_size=100,
    )
)
def test_the_limits_hold_and_no_value_is_wrong_or_old(
    steps: list[tuple[bool, int, int, float]],
) -> None:
    cache, now = SizedCache[int](ttl=10, max_bytes=100, max_items=3), 0.0
    latest: dict[int, tuple[int, float]] = {}
    for number, (is_put, key, size, elapsed) in enumerate(steps):
        now += elapsed
        if is_put:
            cache.put(key, number, size, now)
            latest[key] = (number, now)
        elif (value := cache.get(key, now)) is not None:
            expected, stored_at = latest[key]
            assert expected == value
            assert now - stored_at < 10
        assert len(cache) <= 3
        assert 0 <= cache.size <= 100
