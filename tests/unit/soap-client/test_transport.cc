// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What SOAP makes of an HTTP answer; what the wire can do is in tests/unit/http.

#include "soap-client/transport.h"

#include <stdlib.h>

#include <optional>

#include "base/bytes.h"
#include "soap-client/wire/messages.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_server.h"

namespace smartcmd {
namespace {

using http::Effect;

/// A server that always gives one answer, and the configuration of a service to reach it.
struct Site {
  explicit Site(const std::string& answer)
      : certificate(TestCertificate::make()), server(&certificate, [=](const TlsServer::Request&) {
          return TlsServer::Reply{answer, TlsServer::Then::keep};
        }) {
    service.endpoint = server.url() + "/Service.svc";
    service.username = "entidade";
    service.ca_file = directory.write("ca.pem", certificate.pem());
  }
  std::string post(Effect effect = Effect::possible) const {
    return Transport(service, SecureString("segredo"), -1).post("urn:act", "<x/>", effect);
  }

  TemporaryDirectory directory;
  TestCertificate certificate;
  TlsServer server;
  Service service;
};

void a_request_is_what_the_protocol_asks_for(void**) {
  const Site site(TlsServer::response("200 OK", "<answer/>"));
  assert_string_equal(site.post().c_str(), "<answer/>");
  const TlsServer::Request request = site.server.requests().at(0);
  assert_true(request.head.starts_with("POST /Service.svc HTTP/1.1\r\n"));
  const std::string lines[] = {"Content-Type: text/xml; charset=utf-8", "SOAPAction: \"urn:act\"",
                               "Authorization: Basic " + to_base64(bytes_of("entidade:segredo"))};
  for (const std::string& line : lines) assert_true(contains(request.head, "\r\n" + line + "\r\n"));
  assert_string_equal(request.body.c_str(), "<x/>");
}

void only_tls_will_do(void**) {
  Site site(TlsServer::response("200 OK", "<answer/>"));
  site.service.endpoint = "http" + site.service.endpoint.substr(5);
  expect_error(Errc::configuration, [&] { site.post(); });
  assert_int_equal(site.server.connections(), 0);
}

void no_envelope_is_larger_than_any_can_be(void**) {
  const Site largest(TlsServer::response("200 OK", std::string(wire::max_envelope, ' ')));
  assert_int_equal(largest.post().size(), wire::max_envelope);
  const Site larger(TlsServer::response("200 OK", std::string(wire::max_envelope + 1, ' ')));
  expect_error(Errc::answer_too_large, [&] { larger.post(); });
}

void http_statuses_have_their_errors(void**) {
  const std::string fault = wire::write(wire::Fault{"s:Server", "x"});
  const std::string answer = wire::write(wire::ForceSmsResponse{});
  const struct {
    const char* status;
    std::string body;
    Errc errc;
    bool unknown_outcome;
  } table[] = {
      {"401 Unauthorized", "", Errc::credentials_refused, false},
      {"407 Proxy Authentication Required", "", Errc::proxy_authentication, false},
      {"500 Internal Server Error", fault, Errc::soap_fault, false},
      {"500 Internal Server Error", "<html>oops</html>", Errc::http_failure, true},
      {"500 Internal Server Error", answer, Errc::http_failure, true},
      {"500 Internal Server Error", "", Errc::http_failure, true},
      {"503 Service Unavailable", fault, Errc::http_failure, true},
      {"404 Not Found", "", Errc::http_failure, false},
      {"302 Found", "", Errc::http_failure, false},
      {"204 No Content", "", Errc::http_failure, false},
  };
  for (const auto& row : table) {
    const Site site(TlsServer::response(row.status, row.body, "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    const Error error = error_of([&] { site.post(); });
    assert_int_equal(error.code(), row.errc);
    assert_int_equal(contains(error.what(), "not known whether the service acted on it"), row.unknown_outcome);
    assert_false(contains(error.what(), "segredo"));
    assert_int_equal(site.server.requests().size(), 1);
  }
}

void a_check_names_no_operation_and_wants_an_envelope(void**) {
  const struct {
    const char* status;
    std::string body;
    std::optional<Errc> errc;
  } table[] = {
      {"500 Internal Server Error", wire::write(wire::Fault{"a:ActionNotSupported", "x"}), {}},
      {"200 OK", wire::write(wire::ForceSmsResponse{}), {}},
      {"200 OK", "<html>You have created a service.</html>", Errc::http_failure},
      {"500 Internal Server Error", "<html>oops</html>", Errc::http_failure},
      {"503 Service Unavailable", wire::write(wire::Fault{"s:Server", "x"}), Errc::http_failure},
      {"404 Not Found", "", Errc::http_failure},
      {"401 Unauthorized", "", Errc::credentials_refused},
  };
  for (const auto& row : table) {
    const Site site(TlsServer::response(row.status, row.body));
    Transport transport(site.service, SecureString("segredo"), -1);
    if (row.errc)
      expect_error(*row.errc, [&] { transport.check(); });
    else
      transport.check();
    const TlsServer::Request request = site.server.requests().at(0);
    assert_true(contains(request.head, "\r\nSOAPAction: \"\"\r\n"));
    assert_true(contains(request.head, "\r\nAuthorization: Basic "));
    assert_true(request.body == wire::empty_envelope);
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_what_the_protocol_asks_for),
      cmocka_unit_test(only_tls_will_do),
      cmocka_unit_test(no_envelope_is_larger_than_any_can_be),
      cmocka_unit_test(http_statuses_have_their_errors),
      cmocka_unit_test(a_check_names_no_operation_and_wants_an_envelope),
  };
  return cmocka_run_group_tests_name("transport", tests, nullptr, nullptr);
}
