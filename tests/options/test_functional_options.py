from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sagemaker_rt.context import ContextValues, Key
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import (
    Option,
    Options,
    with_api_options,
    with_context_value,
    with_options,
)
from sagemaker_rt.options.functional_options import (
    APIOptions,
    OptionChain,
    apply_options,
    is_cacheable,
    sets_context_values,
    split_context_values,
)
from sagemaker_rt.stack import Stack


def edit(stack: Stack) -> None:
    """Edit nothing."""


def edit_too(stack: Stack) -> None:
    """Edit nothing."""


def in_ireland(options: Options) -> Options:
    return options.replace(region="eu-west-1")


def twin_of(credentials: Credentials) -> Credentials:
    """Return equal credentials, in other strings."""
    secret = "".join(credentials.secret_access_key)
    return Credentials(credentials.access_key_id, secret)


TENANT: Key[str] = Key("tenant")
DEPTH: Key[int] = Key("depth")
CREDENTIALS = Credentials("AKID", "a-secret", "a-token")


def test_with_options_returns_changed_options() -> None:
    options = Options(region="eu-west-1")

    changed = with_options(max_attempts=2)(options)

    assert Options(region="eu-west-1", max_attempts=2) == changed
    assert Options(region="eu-west-1") == options


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_options(region="eu-west-1"),
        lambda: with_options(read_timeout=None),
        lambda: with_api_options(edit, edit_too),
        lambda: with_options(credentials=CREDENTIALS),
        lambda: with_options(region="eu-west-1") | with_api_options(edit),
        lambda: with_options(region="eu-west-1") | in_ireland,
        lambda: with_context_value(TENANT, "acme"),
        lambda: with_options(context_values={TENANT: "acme"}),
        lambda: with_options(retry_model_errors=[500], auth_scheme_preference=["a"]),
    ],
)
def test_equal_options_have_one_hash(make: Callable[[], Option]) -> None:
    first, second = make(), make()

    assert first is not second
    assert first == second
    assert {first: "found"}[second] == "found"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_options(region="eu-west-1"), with_options(region="eu-west-2")),
        (with_options(region="eu-west-1"), with_options(app_id="eu-west-1")),
        (with_api_options(edit), with_api_options(edit_too)),
        (with_api_options(edit), with_api_options(edit, edit)),
        (
            with_options(region="a") | with_options(max_attempts=2),
            with_options(max_attempts=2) | with_options(region="a"),
        ),
        (
            with_options(region="a"),
            with_options(region="a") | with_options(max_attempts=2),
        ),
        (
            with_options(credentials=CREDENTIALS),
            with_options(credentials=twin_of(CREDENTIALS)),
        ),
    ],
)
def test_different_options_are_not_equal(one: Option, other: Option) -> None:
    assert one != other


def test_values_of_different_types_are_not_equal() -> None:
    """A cache that takes True for 1 would accept it after 1."""
    number, truth = with_options(max_attempts=1), with_options(max_attempts=True)

    assert number != truth
    with pytest.raises(OptionsError, match="max_attempts"):
        truth(Options())


def test_credentials_are_compared_by_identity() -> None:
    provider = StaticCredentials(CREDENTIALS)

    assert with_options(credentials=CREDENTIALS) == with_options(
        credentials=CREDENTIALS
    )
    assert with_options(credentials=CREDENTIALS) != with_options(
        credentials=twin_of(CREDENTIALS)
    )
    assert with_options(credentials=provider) == with_options(
        credentials=StaticCredentials(provider.credentials)
    )
    assert with_options(credentials=provider) != with_options(
        credentials=StaticCredentials(twin_of(CREDENTIALS))
    )


@pytest.mark.parametrize(
    "option",
    [
        with_options(credentials=CREDENTIALS),
        with_options(credentials=StaticCredentials(CREDENTIALS)),
        with_options(region="eu-west-1") | with_options(credentials=CREDENTIALS),
    ],
)
def test_no_secret_is_printed(option: Option) -> None:
    printed = f"{option!r} {option!s}"

    assert "AKID" in printed
    assert "a-secret" not in printed
    assert "a-token" not in printed


@pytest.mark.parametrize(
    "option",
    [
        with_options(environ={"AWS_SECRET_ACCESS_KEY": "a-secret"}),
        with_options(client_key_password="a-secret"),
        with_options(region="a") | with_options(client_key_password="a-secret"),
    ],
    ids=["environ", "password", "chain"],
)
def test_secret_values_are_neither_printed_nor_pickled(option: Option) -> None:
    assert "a-secret" not in f"{option!r} {option!s}"
    with pytest.raises(TypeError, match="do not pickle"):
        pickle.dumps(option)


@pytest.mark.parametrize(
    ("option", "printed"),
    [
        (with_options(region="eu-west-1"), "with_options(region='eu-west-1')"),
        (with_options(read_timeout=None), "with_options(read_timeout=None)"),
        (with_options(environ={}, port=1), "with_options(environ=..., port=1)"),
        (with_options(validate=True), "with_options(validate='required')"),
        (with_options(use_fips_endpoint=True), "with_options(use_fips_endpoint=True)"),
        (with_api_options(), "with_api_options()"),
        (
            with_options(region="a") | (with_options(port=2) | with_options(port=3)),
            "with_options(region='a') | with_options(port=2) | with_options(port=3)",
        ),
    ],
)
def test_an_option_is_printed_as_the_code_that_makes_it(
    option: Option, printed: str
) -> None:
    assert printed == repr(option)


def test_the_value_for_a_context_is_not_printed() -> None:
    printed = repr(with_context_value(TENANT, "a-secret"))

    assert "with_context_value(Key('tenant'), ...)" == printed


def test_values_for_the_context_are_added_and_replaced() -> None:
    options = Options(context_values={TENANT: "acme"})

    added = with_context_value(DEPTH, 2)(options)
    replaced = with_context_value(TENANT, "emca")(added)

    assert {TENANT: "acme", DEPTH: 2} == added.context_values
    assert {TENANT: "emca", DEPTH: 2} == replaced.context_values
    assert {TENANT: "acme"} == options.context_values


def test_the_key_of_a_context_value_is_a_key() -> None:
    name: Any = "tenant"

    with pytest.raises(OptionsError, match=r"Key\('tenant'\): 'tenant'"):
        with_context_value(name, "acme")


@pytest.mark.parametrize("values", [{"tenant": "acme"}, [TENANT], "tenant", None])
def test_context_values_are_a_mapping_of_keys(values: Any) -> None:
    with pytest.raises(OptionsError, match="context_values must be a mapping of Key"):
        with_options(context_values=values)


@pytest.mark.parametrize(
    ("opts", "values", "others"),
    [
        ([with_context_value(TENANT, "a")], {DEPTH: 1, TENANT: "a"}, ()),
        (
            [with_options(port=2) | with_context_value(DEPTH, 2)],
            {DEPTH: 2},
            (with_options(port=2),),
        ),
        (
            [with_options(port=2, context_values={TENANT: "a"}), in_ireland],
            {TENANT: "a"},
            (with_options(port=2), in_ireland),
        ),
        (
            [
                with_context_value(DEPTH, 2),
                with_options(context_values={TENANT: "a"}),
                with_context_value(TENANT, "b"),
            ],
            {TENANT: "b"},
            (with_options(),),
        ),
    ],
)
def test_context_values_are_split_from_the_other_options(
    opts: list[Option], values: Any, others: Any
) -> None:
    split = split_context_values(opts, ContextValues({DEPTH: 1}))

    assert (values, others) == split
    assert any(map(sets_context_values, opts))
    assert not any(map(sets_context_values, others))


def test_functions_are_printed_in_order() -> None:
    printed = repr(with_api_options(edit) | in_ireland)

    assert f"with_api_options({edit!r}) | {in_ireland!r}" == printed


def test_api_options_are_appended() -> None:
    options = Options(api_options=[edit])

    changed = with_api_options(edit_too, edit)(options)

    assert (edit, edit_too, edit) == changed.api_options
    assert (edit,) == options.api_options


def test_the_right_option_is_applied_last() -> None:
    both = with_options(region="eu-west-1") | with_options(region="eu-west-2")

    assert Options(region="eu-west-2") == both(Options())


@pytest.mark.parametrize(
    ("option", "region"),
    [
        (in_ireland | with_options(max_attempts=2), "eu-west-1"),
        (with_options(max_attempts=2) | in_ireland, "eu-west-1"),
        (
            with_options(region="us-east-1")
            | with_options(max_attempts=2)
            | in_ireland,
            "eu-west-1",
        ),
        (
            in_ireland
            | (with_options(max_attempts=2) | with_options(region="us-east-1")),
            "us-east-1",
        ),
    ],
)
def test_a_plain_function_can_be_joined_on_either_side(
    option: Option, region: str
) -> None:
    assert Options(region=region, max_attempts=2) == option(Options())


def test_a_chain_is_flat() -> None:
    left, right = (
        with_options(region="a") | in_ireland,
        with_options(app_id="b") | in_ireland,
    )

    both = left | right

    assert (
        OptionChain(
            (with_options(region="a"), in_ireland, with_options(app_id="b"), in_ireland)
        )
        == both
    )


def test_only_functions_can_be_joined() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        with_options(region="a") | "b"  # type: ignore[operator] # what is tested
    with pytest.raises(TypeError, match="unsupported operand"):
        "b" | with_options(region="a")  # type: ignore[operator] # what is tested


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (with_options(region="a"), True),
        (with_api_options(edit), True),
        (with_options(region="a") | with_api_options(edit), True),
        (in_ireland, False),
        (with_options(region="a") | in_ireland, False),
    ],
)
def test_a_plain_function_is_not_cacheable(option: Option, *, expected: bool) -> None:
    """It may return other options each time."""
    assert expected is is_cacheable(option)


def test_options_are_applied_in_order() -> None:
    changed = apply_options(Options(), [with_options(region="us-east-1"), in_ireland])

    assert Options(region="eu-west-1") == changed


@pytest.mark.parametrize("wrong", ["eu-west-1", None, Options(), lambda _: None])
def test_an_option_must_be_a_function_that_returns_options(wrong: Option) -> None:
    with pytest.raises(OptionsError) as caught:
        apply_options(Options(), [wrong])

    assert repr(wrong) in str(caught.value)


def test_a_function_in_a_chain_must_return_options() -> None:
    chain = with_options(region="a") | (lambda _: None) | with_options(region="b")  # type: ignore[operator, return-value] # what is tested

    with pytest.raises(OptionsError, match="lambda"):
        chain(Options())


def test_an_invalid_value_is_refused_when_the_option_is_applied() -> None:
    option = with_options(read_timeout=-1)

    with pytest.raises(OptionsError, match="read_timeout"):
        option(Options())


def test_an_unhashable_function_can_be_set() -> None:
    class Editor:
        __hash__ = None  # type: ignore[assignment] # what is tested

        def __call__(self, stack: Stack) -> None:
            """Edit nothing."""

    option = with_api_options(Editor())

    assert 1 == len(option(Options()).api_options)
    with pytest.raises(TypeError, match="unhashable"):
        hash(option)
    assert isinstance(option, APIOptions)


def test_an_iterator_is_copied_so_that_it_can_be_applied_twice() -> None:
    option = with_options(retry_model_errors=iter([500]))

    for _ in range(2):
        assert frozenset({500}) == option(Options()).retry.retry_model_errors


def test_an_option_that_takes_an_iterable_refuses_other_values_at_once() -> None:
    fields: dict[str, Any] = {"retry_model_errors": 500}

    with pytest.raises(OptionsError, match="retry_model_errors"):
        with_options(**fields)


async def change_later(options: Options) -> Options:
    return options


@pytest.mark.parametrize(
    "option",
    [
        change_later,
        partial(change_later),
        lambda options: change_later(options),  # noqa: PLW0108 - hidden
        with_options(port=1) | change_later,  # type: ignore[operator] # what is tested
    ],
    ids=["function", "partial", "hidden", "chain"],
)
def test_an_async_option_is_refused_without_a_warning(option: Any) -> None:
    with pytest.raises(OptionsError, match="a plain function from Options to Options"):
        apply_options(Options(), [option])
