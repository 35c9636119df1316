// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What libcurl's errors become.

#include "http/curl_errors.h"

#include "tests/support/expect.h"

namespace smartcmd::http {
namespace {

constexpr Advice advice = {.address = "Mind the address.",
                           .authorities = "Mind the authorities.",
                           .proxy = "Mind the proxy.",
                           .proxy_password = "Mind the password.",
                           .time = "Mind the time."};

BrokenExchange broken(CURLcode code) {
  return {code, "a reason", "tsa.example", "tsa.example:443", "", 0, false};
}

void every_error_has_its_sentence(void**) {
  const struct {
    CURLcode curl;
    Errc errc;
    const char* words;
    const char* advice;
  } table[] = {
      {CURLE_COULDNT_RESOLVE_HOST, Errc::host_not_found, "The host tsa.example could not be found", "the address"},
      {CURLE_COULDNT_RESOLVE_PROXY, Errc::host_not_found, "The proxy on the way to tsa.example", "the proxy"},
      {CURLE_COULDNT_CONNECT, Errc::connection_failed, "tsa.example:443 does not answer", ""},
      {CURLE_PROXY, Errc::connection_failed, "let no connection through (a reason)", ""},
      {CURLE_SSL_CONNECT_ERROR, Errc::connection_failed, "(a reason)", "the address"},
      {CURLE_PEER_FAILED_VERIFICATION, Errc::untrusted_service, "did not prove to be the service", "the authorities"},
      {CURLE_SSL_CACERT_BADFILE, Errc::configuration, "authorities to trust", "the authorities"},
      {CURLE_OPERATION_TIMEDOUT, Errc::timed_out, "did not answer in time", "the time"},
      {CURLE_SEND_FAIL_REWIND, Errc::connection_failed, "broke before an answer", ""},
      {CURLE_PARTIAL_FILE, Errc::answer_truncated, "in the middle of its answer", ""},
      {CURLE_FILESIZE_EXCEEDED, Errc::answer_too_large, "larger than any", "the address"},
      {CURLE_WRITE_ERROR, Errc::answer_too_large, "larger than any", "the address"},
      {CURLE_OUT_OF_MEMORY, Errc::out_of_memory, "not enough memory", ""},
      {CURLE_GOT_NOTHING, Errc::connection_failed, "broke before an answer came (a reason)", ""},
  };
  for (const auto& row : table) {
    const Error error = to_error(broken(row.curl), advice);
    assert_int_equal(error.code(), row.errc);
    assert_true(contains(error.what(), row.words));
    assert_int_equal(contains(error.what(), "Mind "), *row.advice != '\0');
    assert_true(contains(error.what(), row.advice));
    // Who has no advice to give says nothing.
    assert_true(std::string(to_error(broken(row.curl), {}).what()).ends_with('.'));
  }
}

void a_connection_that_breaks_in_an_answer_truncates_it(void**) {
  BrokenExchange exchange = broken(CURLE_RECV_ERROR);
  assert_int_equal(to_error(exchange, advice).code(), Errc::connection_failed);
  exchange.answer_began = true;
  assert_int_equal(to_error(exchange, advice).code(), Errc::answer_truncated);
}

void libcurls_words_stand_in_for_a_missing_reason(void**) {
  BrokenExchange exchange = broken(CURLE_SSL_CONNECT_ERROR);
  exchange.reason.clear();
  assert_true(contains(to_error(exchange, advice).what(), curl_easy_strerror(CURLE_SSL_CONNECT_ERROR)));
}

void what_a_proxy_does_is_not_the_services(void**) {
  const struct {
    CURLcode curl;
    const char* proxy;
    long status;
    Errc errc;
    const char* words;
  } table[] = {
      {CURLE_COULDNT_CONNECT, "proxy.example:3128", 0, Errc::connection_failed,
       "The proxy proxy.example:3128 on the way to tsa.example does not answer. Mind the proxy."},
      {CURLE_OPERATION_TIMEDOUT, "proxy.example:3128", 0, Errc::timed_out,
       "The proxy proxy.example:3128 on the way to tsa.example did not answer in time. Mind the proxy."},
      {CURLE_OPERATION_TIMEDOUT, "proxy.example:3128", 200, Errc::timed_out, "tsa.example did not answer in time."},
      {CURLE_RECV_ERROR, "proxy.example:3128", 407, Errc::proxy_authentication,
       "asks for a user name and password. Mind the password."},
      {CURLE_RECV_ERROR, "", 403, Errc::connection_failed, "The proxy on the way to tsa.example let no connection"},
  };
  for (const auto& row : table) {
    BrokenExchange exchange = broken(row.curl);
    exchange.proxy = row.proxy;
    exchange.proxy_status = row.status;
    const Error error = to_error(exchange, advice);
    assert_int_equal(error.code(), row.errc);
    assert_true(contains(error.what(), row.words));
  }
}

}  // namespace
}  // namespace smartcmd::http

int main() {
  using namespace smartcmd::http;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_error_has_its_sentence),
      cmocka_unit_test(a_connection_that_breaks_in_an_answer_truncates_it),
      cmocka_unit_test(libcurls_words_stand_in_for_a_missing_reason),
      cmocka_unit_test(what_a_proxy_does_is_not_the_services),
  };
  return cmocka_run_group_tests_name("curl_errors", tests, nullptr, nullptr);
}
