"""The features of credentials, signatures and what is sent."""

from __future__ import annotations

from typing import Final

from tests.features.row import N_OP, NATIVE, Row

__all__ = ["IDENTITY"]

IDENTITY: Final = (
    Row(
        "Credentials, credentialProvider",
        "G R J H E boto",
        NATIVE,
        "`credentials`, `with_credentials`",
        "tests/test_calls.py::test_a_provider_is_asked_once_for_all_options_that_name_it",
    ),
    Row(
        "access_key_id, accessKeyId: a key, its secret, a token, an account",
        "R J H E boto",
        NATIVE,
        "`Credentials`",
        "tests/porting/test_loader.py::test_a_client_calls_by_what_was_carried_over",
    ),
    Row(
        "providers: environment, files, roles, SSO, programs, containers, instances",
        "G R J H boto",
        NATIVE,
        "`DefaultChain`, or each by itself",
        "tests/credentials/test_chain.py::test_the_first_that_is_configured_is_asked",
    ),
    Row(
        "credentials of Cognito, and of botocore",
        "J boto",
        NATIVE,
        "`CognitoIdentityCredentials`, `BotocoreCredentials`",
        "tests/credentials/test_cognito.py::test_a_pool_gives_an_identity_and_that_credentials",
    ),
    Row(
        "credentials of aws login",
        "boto",
        NATIVE,
        "`LoginCredentials`",
        "tests/credentials/test_login.py::test_a_set_that_lasts_is_returned_and_nobody_asked",
    ),
    Row(
        "credentials kept, and renewed in good time",
        "G R J boto",
        NATIVE,
        "always, for any `CredentialsProvider`",
        "tests/credentials/test_cache.py::test_in_good_time_one_asks_and_the_others_go_on",
    ),
    Row(
        "profile, profile_name",
        "G R J boto",
        NATIVE,
        "`profile`",
        "tests/test_config.py::test_a_profile_is_named_in_code_or_by_the_environment",
    ),
    Row(
        "makeUnauthenticatedRequest: calls without a signature",
        "J boto",
        NATIVE,
        "`with_options(credentials=AnonymousCredentials())`, of a client or a call",
        "tests/features/test_idioms_of_calls.py::test_a_call_without_a_signature_is_an_option_of_that_call",
    ),
    Row(
        "HTTPSignerV4: a signer of one's own",
        "G",
        NATIVE,
        "`signer`, `with_signer`; `RequestsAuthSigner`",
        "tests/stories/test_calling_with_parts_of_ones_own.py::test_a_signature_of_aws_requests_auth_is_accepted",
    ),
    Row(
        "WithSigV4SigningName, WithSigV4SigningRegion",
        "G H",
        NATIVE,
        "`with_sigv4_signing_name`, `with_sigv4_signing_region`",
        "tests/test_assembly.py::test_the_signing_name_and_region_of_the_options_are_final",
    ),
    Row(
        "AuthSchemeResolver, AuthSchemePreference",
        "G R boto",
        NATIVE,
        "`with_auth_scheme_resolver`, `with_auth_scheme_preference`",
        "tests/test_authentication.py::test_a_call_may_prefer_another_scheme",
    ),
    Row(
        "AuthSchemes, GetIdentityResolver: schemes of one's own",
        "G",
        NATIVE,
        "`with_auth_schemes`, `HTTPAuthScheme`",
        "tests/test_authentication.py::test_a_call_is_signed_by_a_scheme_of_ones_own_over_the_wire",
    ),
    Row(
        "token_provider: bearer tokens",
        "G R boto",
        NATIVE,
        "`with_token_provider`, `generate_bearer_token`",
        "tests/test_authentication.py::test_a_call_carries_a_token_over_the_wire",
    ),
    Row(
        "sigv4a_signing_region_set",
        "R boto",
        N_OP,
        "the service takes sigv4",
        "tests/porting/test_ruby.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "signatureVersion",
        "J boto",
        N_OP,
        "there is v4; others are refused",
        "tests/porting/test_javascript.py::test_what_cannot_be_carried_over_says_what_to_do_instead",
    ),
    Row(
        "signatureCache",
        "J",
        N_OP,
        "signing keys are always kept",
        "tests/porting/test_javascript.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "systemClockOffset, a clock of one's own",
        "J",
        NATIVE,
        "`clock_offset`, `with_clock_offset`; `with_clock`",
        "tests/test_client_options.py::test_a_known_offset_of_the_clock_counts_from_the_first_call",
    ),
    Row(
        "correct_clock_skew, correctClockSkew",
        "G R J",
        NATIVE,
        "`correct_clock_skew`, `with_correct_clock_skew`",
        "tests/middleware/test_retry.py::test_a_clock_that_is_wrong_is_corrected_and_the_call_repeated",
    ),
    Row(
        "computeChecksums, s3…, dynamoDbCrc32, useAccelerateEndpoint",
        "J boto",
        N_OP,
        "other services'",
        "tests/porting/test_javascript.py::test_what_has_no_meaning_here_is_taken",
    ),
    Row(
        "bodies that are left to TLS, and not hashed",
        "G",
        NATIVE,
        "`payload_signing`, `with_payload_signing`",
        "tests/middleware/test_unsigned_payload.py::test_the_emulator_takes_it_and_a_file_is_read_once",
    ),
    Row(
        "disable_request_compression, request_min_compression_size_bytes",
        "G R boto",
        NATIVE,
        "`with_request_compression`, `with_min_compression_bytes`",
        "tests/stories/test_bodies_on_their_way.py::test_a_body_is_compressed_and_signed_so",
    ),
)
