// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

CK_RV to_rv(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return CKR_ARGUMENTS_BAD;
    case Errc::out_of_memory:
      return CKR_HOST_MEMORY;
    case Errc::internal:
      return CKR_GENERAL_ERROR;

    case Errc::configuration:
    case Errc::hash_not_allowed:
    case Errc::unsupported:
    case Errc::too_many_documents:
    case Errc::no_prompt:
    case Errc::prompt_failed:
      return CKR_FUNCTION_FAILED;

    // "The signature request is rejected by the user": also by a user who does not know the secret.
    case Errc::invalid_secret:
    case Errc::wrong_pin:
    case Errc::wrong_otp:
    case Errc::otp_expired:
    case Errc::must_change_pins:
    case Errc::must_change_signature_pin:
      return CKR_FUNCTION_REJECTED;
    case Errc::cancelled:
      return CKR_FUNCTION_CANCELED;

    // The token that was there is another one now, or none.
    case Errc::unknown_account:
    case Errc::not_enrolled:
    case Errc::certificate_changed:
      return CKR_DEVICE_REMOVED;

    case Errc::service_inactive:
    case Errc::service_failure:
    case Errc::parameter_refused:
    case Errc::request_refused:
    case Errc::unknown_status:
    case Errc::no_certificate:
    case Errc::host_not_found:
    case Errc::connection_failed:
    case Errc::untrusted_service:
    case Errc::timed_out:
    case Errc::proxy_authentication:
    case Errc::credentials_refused:
    case Errc::http_failure:
    case Errc::soap_fault:
    case Errc::answer_truncated:
    case Errc::answer_too_large:
    case Errc::answer_malformed:
    case Errc::signature_invalid:
    case Errc::agent_failed:
      return CKR_DEVICE_ERROR;
  }
  return CKR_GENERAL_ERROR;
}

}  // namespace smartcmd::p11
