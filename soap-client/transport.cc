// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/transport.h"

#include <optional>

#include "base/text.h"
#include "soap-client/status.h"
#include "soap-client/wire/messages.h"

namespace smartcmd {

namespace {

constexpr http::Advice advice = {
    .address = N_("Check 'endpoint' in the configuration."),
    .authorities = N_("Check 'ca-file' in the configuration."),
    .proxy = N_("Check 'proxy' in the configuration, or https_proxy in the environment."),
    .proxy_password = N_("Give them in 'proxy' (http://user:password@host:port)."),
    .time = N_("'connect-timeout' and 'request-timeout' in the configuration allow more."),
};

http::Options options_of(const Service& service, int cancel_fd) {
  http::Options options;
  options.advice = advice;
  options.ca_file = service.ca_file;
  options.proxy = service.proxy;
  options.connect_timeout = service.connect_timeout;
  options.request_timeout = service.request_timeout;
  options.largest_answer = wire::max_envelope;
  options.cancel_fd = cancel_fd;
  return options;
}

void check_fault(const std::string& answer) {
  std::optional<wire::Envelope> envelope;
  try {
    envelope.emplace(answer);
  } catch (const Error&) {
    return;  // a page for people
  }
  require_no_fault(*envelope);
}

}  // namespace

Transport::Transport(const Service& service, const SecureString& password, int cancel_fd)
    : endpoint_(service.endpoint), client_(options_of(service, cancel_fd)) {
  client_.log_in(service.username, password);
}

std::string Transport::post(std::string_view soap_action, std::string_view envelope, http::Effect effect) {
  http::Response response =
      client_.send({endpoint_,
                    {"Content-Type: text/xml; charset=utf-8", "SOAPAction: \"" + std::string(soap_action) + "\""},
                    envelope,
                    effect});
  if (response.status == 200) return std::move(response.body);
  if (response.status == 401) {
    throw Error(
        Errc::credentials_refused,
        filled(_("{host} refused the user name and password of this application. Check 'username' and 'password-file' "
                 "in the configuration."),
               {{"host", http::place_of(endpoint_)->host}}));
  }
  if (response.status == 500) check_fault(response.body);
  throw client_.refusal(response);
}

}  // namespace smartcmd
