// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/reasons.h"

#include <array>

#include "base/errc.h"

namespace smartcmd::provider {

namespace {

constexpr const char* reason(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid argument";
    case Errc::out_of_memory:
      return "out of memory";
    case Errc::internal:
      return "internal error";
    case Errc::configuration:
      return "configuration error";
    case Errc::unknown_account:
      return "unknown account";
    case Errc::not_enrolled:
      return "account not enrolled";
    case Errc::hash_not_allowed:
      return "hash not allowed";
    case Errc::unsupported:
      return "not supported by the remote key";
    case Errc::too_many_documents:
      return "too many documents";
    case Errc::no_prompt:
      return "no way to ask for a secret";
    case Errc::prompt_failed:
      return "prompt failed";
    case Errc::invalid_secret:
      return "malformed PIN or one-time password";
    case Errc::cancelled:
      return "cancelled";
    case Errc::wrong_pin:
      return "wrong PIN";
    case Errc::wrong_otp:
      return "wrong one-time password";
    case Errc::otp_expired:
      return "one-time password expired";
    case Errc::service_inactive:
      return "signature service inactive";
    case Errc::service_failure:
      return "service failure";
    case Errc::parameter_refused:
      return "parameter refused by the service";
    case Errc::request_refused:
      return "request refused by the service";
    case Errc::must_change_pins:
      return "PINs must be changed";
    case Errc::must_change_signature_pin:
      return "signature PIN must be changed";
    case Errc::unknown_status:
      return "unknown status from the service";
    case Errc::no_certificate:
      return "no certificate for this user";
    case Errc::host_not_found:
      return "host not found";
    case Errc::connection_failed:
      return "connection failed";
    case Errc::untrusted_service:
      return "untrusted service";
    case Errc::timed_out:
      return "timed out";
    case Errc::proxy_authentication:
      return "proxy authentication required";
    case Errc::credentials_refused:
      return "service credentials refused";
    case Errc::http_failure:
      return "HTTP failure";
    case Errc::soap_fault:
      return "SOAP fault";
    case Errc::answer_truncated:
      return "answer truncated";
    case Errc::answer_too_large:
      return "answer too large";
    case Errc::answer_malformed:
      return "answer malformed";
    case Errc::signature_invalid:
      return "signature does not verify";
    case Errc::certificate_changed:
      return "certificate changed";
    case Errc::agent_failed:
      return "agent failed";
  }
  return "unknown error";
}

using Items = std::array<OSSL_ITEM, static_cast<std::size_t>(last_errc) + 1>;

constexpr Items all_items() {
  Items items{};  // the last one stays {0, nullptr}
  for (unsigned id = 1; id < items.size(); ++id) {
    items[id - 1] = {id, const_cast<char*>(reason(static_cast<Errc>(id)))};
  }
  return items;
}

constexpr Items items = all_items();

}  // namespace

const OSSL_ITEM* reason_strings() {
  return items.data();
}

}  // namespace smartcmd::provider
