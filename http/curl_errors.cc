// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "http/curl_errors.h"

#include <algorithm>

#include "base/text.h"

namespace smartcmd::http {

namespace {

struct Failure {
  CURLcode curl;
  Errc errc;
  const char* sentence;  ///< to_error() fills it
  const char* Advice::*advice = nullptr;
};

constexpr Failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, Errc::host_not_found, N_("The host {host} could not be found. Check the network."),
     &Advice::address},
    {CURLE_COULDNT_RESOLVE_PROXY, Errc::host_not_found, N_("The proxy on the way to {host} could not be found."),
     &Advice::proxy},
    {CURLE_COULDNT_CONNECT, Errc::connection_failed,
     N_("{address} does not answer. Check the network, or try again later.")},
    {CURLE_PROXY, Errc::connection_failed, N_("The proxy on the way to {host} let no connection through ({reason}).")},
    {CURLE_SSL_CONNECT_ERROR, Errc::connection_failed,
     N_("No secure connection to {host} came about ({reason}). Something on the way may intercept the connection."),
     &Advice::address},
    {CURLE_PEER_FAILED_VERIFICATION, Errc::untrusted_service,
     N_("{host} did not prove to be the service ({reason}). Nothing was sent. Check the clock, and whether a proxy on "
        "the way opens secure connections."),
     &Advice::authorities},
    {CURLE_SSL_CACERT_BADFILE, Errc::configuration, N_("The authorities to trust for {host} could not be read."),
     &Advice::authorities},
    {CURLE_OPERATION_TIMEDOUT, Errc::timed_out, N_("{host} did not answer in time. Try again later."), &Advice::time},
    {CURLE_SEND_FAIL_REWIND, Errc::connection_failed,
     N_("The connection to {host} broke before an answer came. Check the network.")},
    {CURLE_PARTIAL_FILE, Errc::answer_truncated,
     N_("The connection to {host} ended in the middle of its answer. Check the network.")},
    {CURLE_FILESIZE_EXCEEDED, Errc::answer_too_large, N_("{host} began an answer larger than any the service gives."),
     &Advice::address},
    {CURLE_WRITE_ERROR, Errc::answer_too_large, N_("{host} began an answer larger than any the service gives."),
     &Advice::address},
    {CURLE_OUT_OF_MEMORY, Errc::out_of_memory, N_("There is not enough memory.")},
};

constexpr Failure proxy_wants_password{CURLE_RECV_ERROR, Errc::proxy_authentication,
                                       N_("The proxy on the way to {host} asks for a user name and password."),
                                       &Advice::proxy_password};
constexpr Failure proxy_refuses{CURLE_RECV_ERROR, Errc::connection_failed,
                                N_("The proxy on the way to {host} let no connection through ({reason}).")};
/// Everything else is a connection that broke.
constexpr Failure broken_before_answer{
    CURLE_RECV_ERROR, Errc::connection_failed,
    N_("The connection to {host} broke before an answer came ({reason}). Check the network.")};
constexpr Failure broken_in_answer{
    CURLE_RECV_ERROR, Errc::answer_truncated,
    N_("The connection to {host} broke in the middle of its answer ({reason}). Check the network.")};

/// While a proxy is being connected to, nothing is known of the service.
constexpr Failure proxy_failures[] = {
    {CURLE_COULDNT_CONNECT, Errc::connection_failed, N_("The proxy {proxy} on the way to {host} does not answer."),
     &Advice::proxy},
    {CURLE_OPERATION_TIMEDOUT, Errc::timed_out, N_("The proxy {proxy} on the way to {host} did not answer in time."),
     &Advice::proxy},
};

const Failure& failure_of(const BrokenExchange& exchange) {
  for (const Failure& failure : proxy_failures)
    if (!exchange.proxy.empty() && exchange.proxy_status == 0 && failure.curl == exchange.code) return failure;
  if (exchange.proxy_status == 407) return proxy_wants_password;
  if (exchange.proxy_status >= 300) return proxy_refuses;
  const auto* failure = std::find_if(std::begin(failures), std::end(failures),
                                     [&](const Failure& one) { return one.curl == exchange.code; });
  if (failure != std::end(failures)) return *failure;
  return exchange.answer_began ? broken_in_answer : broken_before_answer;
}

}  // namespace

Error to_error(const BrokenExchange& exchange, const Advice& advice) {
  const Failure& failure = failure_of(exchange);
  const std::string reason = exchange.reason.empty() ? curl_easy_strerror(exchange.code) : exchange.reason;
  const std::string sentence =
      filled(_(failure.sentence),
             {{"host", exchange.host}, {"address", exchange.address}, {"proxy", exchange.proxy}, {"reason", reason}});
  return {failure.errc, with_advice(sentence, failure.advice != nullptr ? advice.*failure.advice : "")};
}

std::string with_advice(const std::string& sentence, const char* advice) {
  return *advice == '\0' ? sentence : sentence + " " + _(advice);
}

}  // namespace smartcmd::http
