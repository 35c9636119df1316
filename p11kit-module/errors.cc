// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/errors.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <ctime>

#include "signing/file_descriptor.h"
#include "signing/signing_service.h"

namespace smartcmd::p11 {

void log_error(const char* function, const Error& error) {
  const char* file = secure_getenv("SMARTCMD_LOG");
  if (file == nullptr || *file == '\0') return;
  const CancellationOff off;
  const FileDescriptor log(open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  char time[sizeof "2000-01-01T00:00:00Z"] = "";
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  const std::string line = std::string(time) + " " + program_name() + "[" + std::to_string(getpid()) + "] " + function +
                           ": " + error.what() + "\n";
  // One write, so that lines of several processes do not mix. Where the log cannot be written nobody can be told.
  [[maybe_unused]] const ssize_t written = write(log.get(), line.data(), line.size());
}

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
