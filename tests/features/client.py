"""The features of clients and their options, and of endpoints."""

from __future__ import annotations

from typing import Final

from tests.features.row import IDIOM, N_OP, NATIVE, Row

__all__ = ["CLIENT"]

_MAKING: Final = (
    Row(
        "New(options, optFns…): a client of options and functions of options",
        "G R J boto",
        NATIVE,
        "`Client`",
        "tests/test_client_options.py::test_fields_come_before_options_and_the_right_one_has_the_last_word",
    ),
    Row(
        "NewFromConfig: a client of the shared configuration",
        "G R boto",
        NATIVE,
        "`Client.from_config`, `Config.load`",
        "tests/test_config.py::test_the_files_are_read_for_what_is_unset",
    ),
    Row(
        "the configuration of another SDK",
        "",
        NATIVE,
        "`ported_options`",
        "tests/porting/test_loader.py::test_a_client_calls_by_what_was_carried_over",
    ),
    Row(
        "options of one call",
        "G E",
        NATIVE,
        "every operation takes `Option`s",
        "tests/test_client_options.py::test_options_of_a_call_are_for_that_call_alone",
    ),
    Row(
        "Options.Copy",
        "G",
        IDIOM,
        "options are frozen: nothing needs a copy",
        "tests/features/test_idioms_of_values.py::test_options_need_no_copy",
    ),
    Row(
        "Options(), config: the options of a client",
        "G R J",
        NATIVE,
        "`client.options`",
        "tests/test_client.py::test_derived_clients_share_what_lives",
    ),
    Row(
        "APIOptions: edits of the stack",
        "G",
        NATIVE,
        "`with_api_options`",
        "tests/test_calls.py::test_functions_edit_the_complete_stack_in_their_order",
    ),
    Row(
        "plugins",
        "R",
        IDIOM,
        "a function from `Options` to `Options`",
        "tests/features/test_idioms_of_calls.py::test_a_plugin_is_a_function_of_options",
    ),
    Row(
        "plugins of other packages",
        "",
        IDIOM,
        "`importlib.metadata.entry_points`",
        "tests/features/test_idioms_of_calls.py::test_plugins_of_other_packages_are_entry_points",
    ),
    Row(
        "defaults modes",
        "G R boto",
        NATIVE,
        "`defaults_mode`, `with_defaults_mode`",
        "tests/options/test_timeouts.py::test_a_defaults_mode_says_what_nobody_else_does",
    ),
    Row(
        "AppID",
        "G R boto",
        NATIVE,
        "`app_id`, `with_app_id`",
        "tests/middleware/test_user_agent.py::test_an_application_adds_its_name_as_a_token",
    ),
    Row(
        "user_agent_extra, customUserAgent",
        "R J boto",
        NATIVE,
        "`user_agent_extra`, `with_user_agent_extra`",
        "tests/middleware/test_user_agent.py::test_features_and_the_callers_text_are_told",
    ),
)

_ENDPOINTS: Final = (
    Row(
        "WithEndpointResolver: resolvers of the first generation",
        "G",
        NATIVE,
        "`endpoint_resolver`, `with_endpoint_resolver`: an object or a function",
        "tests/middleware/test_resolve_endpoint.py::test_a_function_is_asked",
    ),
    Row(
        "NewDefaultEndpointResolver",
        "G",
        NATIVE,
        "`DefaultEndpointResolver`",
        "tests/test_endpoint_resolvers.py::test_the_first_generation_follows_the_same_rules",
    ),
    Row(
        "from the first generation on to the second",
        "G",
        NATIVE,
        "`EndpointNotFoundError`",
        "tests/middleware/test_resolve_endpoint.py::test_an_unknown_region_is_left_to_the_next_resolver",
    ),
    Row(
        "EndpointResolverFromURL",
        "G",
        NATIVE,
        "`endpoint_resolver_from_url`",
        "tests/test_endpoint_resolvers.py::test_a_url_serves_every_region",
    ),
    Row(
        "EndpointResolverOptions",
        "G",
        NATIVE,
        "`EndpointResolverOptions`",
        "tests/test_assembly.py::test_a_resolver_of_the_first_generation_is_told_all_options",
    ),
    Row(
        "ResolveEndpoint as a middleware by itself",
        "G",
        NATIVE,
        "`ResolveEndpoint`",
        "tests/middleware/test_resolve_endpoint.py::test_anybodys_stack_can_have_it",
    ),
    Row(
        "EndpointResolverV2, endpoint_provider: resolvers of the second generation",
        "G R",
        NATIVE,
        "`endpoint_resolver_v2`, `with_endpoint_resolver_v2`",
        "tests/test_calls.py::test_parts_of_the_caller_take_the_place_of_ours",
    ),
    Row(
        "the endpoint rules of the service",
        "G R boto",
        NATIVE,
        "`DefaultEndpointResolverV2`",
        "tests/conformance/test_endpoint_vectors.py::test_parameters_lead_to_the_url_or_the_error",
    ),
    Row(
        "BaseEndpoint, endpoint: a URL of one's own",
        "G R J E boto",
        NATIVE,
        "`endpoint_url`, `with_endpoint_url`",
        "tests/sansio/test_endpoints.py::test_a_url_is_used_as_it_is_and_the_region_signs",
    ),
    Row(
        "{:keep_prefixes, host}: a host below the service's prefixes",
        "E",
        NATIVE,
        "`KeepPrefixes`",
        "tests/sansio/test_endpoints.py::test_a_host_may_keep_the_prefixes_of_the_service",
    ),
    Row(
        "sslEnabled, proto, port: http, and another port",
        "J E boto",
        NATIVE,
        "`use_ssl`, `port`, `with_port`",
        "tests/sansio/test_endpoints.py::test_a_port_takes_the_place_of_the_usual_one",
    ),
    Row(
        "ignore_configured_endpoint_urls",
        "R boto",
        NATIVE,
        "`ignore_configured_endpoint_urls`",
        "tests/test_config.py::test_urls_of_the_environment_can_be_ignored",
    ),
    Row(
        "endpoint: that of a client, to be read",
        "J",
        NATIVE,
        "`client.resolve_endpoint`",
        "tests/test_client_options.py::test_where_calls_go_can_be_asked",
    ),
    Row(
        "FIPS and dual stack",
        "G R J boto",
        NATIVE,
        "`use_fips_endpoint`, `use_dualstack_endpoint`",
        "tests/sansio/test_endpoints.py::test_a_region_and_its_variants_have_a_host_of_their_own",
    ),
    Row(
        "region",
        "G R J H E boto",
        NATIVE,
        "`region`, `with_region`",
        "tests/test_client_options.py::test_the_environment_says_where_to_send",
    ),
    Row(
        "the region local",
        "E",
        NATIVE,
        '`region`: "local"',
        "tests/sansio/test_endpoints.py::test_the_region_local_is_a_port_of_this_machine",
    ),
    Row(
        "regional_endpoint, stsRegionalEndpoints",
        "R J boto",
        N_OP,
        "roles are always assumed in the region",
        "tests/porting/test_javascript.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "disable_host_prefix_injection, hostPrefixEnabled",
        "R J boto",
        N_OP,
        "no operation has one",
        "tests/porting/test_ruby.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "endpoint_discovery, endpoint_cache_…: discovery and its cache",
        "R J boto",
        N_OP,
        "no operation is discovered",
        "tests/porting/test_ruby.py::test_what_has_no_meaning_here_is_taken",
    ),
)

CLIENT: Final = (*_MAKING, *_ENDPOINTS)
