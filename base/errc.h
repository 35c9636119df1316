// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>

namespace smartcmd {

/// Everything that can go wrong, as far as somebody would act differently on it. Each edge answers every one of these
/// in a switch without default, so a new one does not compile until both edges know it.
enum class Errc : std::uint32_t {
  // The caller and the configuration
  invalid_argument = 1,  ///< a value no rule of ours or of the standard allows
  out_of_memory,         ///< an allocation failed
  internal,              ///< a fault of SmartCMD itself
  configuration,         ///< the configuration is missing or wrong
  unknown_account,       ///< no account of that name is configured, or several and none is the default
  not_enrolled,          ///< the account's certificates are not cached yet
  hash_not_allowed,      ///< the hash is not one the service's `hashes=` allows
  unsupported,           ///< something the key cannot do: PSS, raw RSA, decryption
  too_many_documents,    ///< more than 100 documents in one batch

  // The person
  no_prompt,       ///< nothing can ask the person for a secret
  prompt_failed,   ///< the program that asks failed or timed out
  invalid_secret,  ///< the answer is no PIN (4 to 8 digits) or no one-time password (6 digits)
  cancelled,       ///< the person or the application cancelled

  // What the service said (status codes of SCMDService)
  wrong_pin,                  ///< 801
  wrong_otp,                  ///< 802
  otp_expired,                ///< 816
  service_inactive,           ///< 817: no one-time password was sent
  service_failure,            ///< 5xx
  parameter_refused,          ///< other 8xx
  request_refused,            ///< 900
  must_change_pins,           ///< 901
  must_change_signature_pin,  ///< 902
  unknown_status,             ///< a code nobody documents
  no_certificate,             ///< nil certificate: unknown phone, or no active signature

  // The wire
  host_not_found,        ///< the name of the service or the proxy does not resolve
  connection_failed,     ///< nobody answers, or the connection broke
  untrusted_service,     ///< TLS: the certificate or the host name does not verify
  timed_out,             ///< the time configured for the connection or the request has passed
  proxy_authentication,  ///< HTTP 407
  credentials_refused,   ///< HTTP 401
  http_failure,          ///< any other HTTP status that is no answer
  soap_fault,            ///< the service answered with a SOAP fault
  answer_truncated,      ///< the connection ended before the answer did
  answer_too_large,      ///< more than 1 MiB
  answer_malformed,      ///< not the XML the protocol promises

  // The signature
  signature_invalid,    ///< a returned signature does not verify with the account's certificate
  certificate_changed,  ///< the service signs with another certificate than the cached one

  // The agent
  agent_failed,  ///< smartcmd-agent did not start or ended without an answer
};

/// The last one, for tables that cover all.
inline constexpr Errc last_errc = Errc::agent_failed;

}  // namespace smartcmd
