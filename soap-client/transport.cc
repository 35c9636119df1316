// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/transport.h"

#include <memory>

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

/// Nothing for a page for people.
std::unique_ptr<wire::Envelope> parsed(const std::string& answer) {
  try {
    return std::make_unique<wire::Envelope>(answer);
  } catch (const Error&) {
    return nullptr;
  }
}

void check_fault(const std::string& answer) {
  if (const auto envelope = parsed(answer)) require_no_fault(*envelope);
}

}  // namespace

Transport::Transport(const Service& service, const SecureString& password, int cancel_fd)
    : endpoint_(service.endpoint), client_(options_of(service, cancel_fd)) {
  client_.log_in(service.username, password);
}

http::Response Transport::exchange(std::string_view soap_action, std::string_view envelope, http::Effect effect) {
  http::Response response =
      client_.send({endpoint_,
                    {"Content-Type: text/xml; charset=utf-8", "SOAPAction: \"" + std::string(soap_action) + "\""},
                    envelope,
                    effect});
  if (response.status == 401) {
    throw Error(
        Errc::credentials_refused,
        filled(_("{host} refused the user name and password of this application. Check 'username' and 'password-file' "
                 "in the configuration."),
               {{"host", http::place_of(endpoint_)->host}}));
  }
  return response;
}

std::string Transport::post(std::string_view soap_action, std::string_view envelope, http::Effect effect) {
  http::Response response = exchange(soap_action, envelope, effect);
  if (response.status == 200) return std::move(response.body);
  if (response.status == 500) check_fault(response.body);
  throw client_.refusal(response);
}

void Transport::check() {
  const http::Response response = exchange("", wire::empty_envelope, http::Effect::none);
  const bool answered = response.status == 200 || response.status == 500;
  if (!answered || !parsed(response.body)) throw client_.refusal(response);
}

}  // namespace smartcmd
