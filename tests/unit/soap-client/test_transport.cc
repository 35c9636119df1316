// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The transport against a server that does everything a server can do to it.

#include "soap-client/transport.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>

#include "base/bytes.h"
#include "soap-client/wire/messages.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_server.h"

// libcurl's connections and waits pass here, so that a test can refuse the next connection, and act while libcurl
// waits.
namespace {

std::atomic<int> refused_connections{0};
thread_local int watched = -1;  // a descriptor that libcurl must have in sight whenever it waits
bool in_sight = true;

template <class Function>
Function* next_symbol(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr* address, socklen_t size) {
  if (address->sa_family == AF_INET && refused_connections > 0) {
    --refused_connections;
    errno = ECONNREFUSED;
    return -1;
  }
  static auto* const next = next_symbol<decltype(connect)>("connect");
  return next(socket, address, size);
}

extern "C" __attribute__((visibility("default"))) int poll(pollfd* descriptors, nfds_t count, int timeout) {
  const auto is_watched = [](const pollfd& one) { return one.fd == watched && (one.events & POLLIN) != 0; };
  if (watched >= 0 && timeout != 0 && std::none_of(descriptors, descriptors + count, is_watched)) in_sight = false;
  static auto* const next = next_symbol<decltype(poll)>("poll");
  return next(descriptors, count, timeout);
}

namespace smartcmd {
namespace {

using Then = TlsServer::Then;
using Effect = Transport::Effect;
using Request = TlsServer::Request;
using Reply = TlsServer::Reply;

const char* const outcome_unknown = "not known whether the service acted on it";

/// A server with its certificate, and the configuration of a service to reach it.
class Site {
 public:
  explicit Site(TlsServer::Script script, const TestCertificate::Options& options = {})
      : certificate_(TestCertificate::make(options)), server(&certificate_, std::move(script)) {
    service.name = "test";
    service.endpoint = server.url() + "/Service.svc";
    service.username = "entidade";
    service.ca_file = directory_.write("ca.pem", certificate_.pem());
    service.connect_timeout = std::chrono::seconds(20);
    service.request_timeout = std::chrono::seconds(20);
  }

  /// A request over a transport of its own.
  std::string post(Effect effect = Effect::possible) {
    Transport transport(service, SecureString("segredo"), -1);
    return transport.post("urn:act", "<x/>", effect);
  }
  Error error_of_post(Effect effect = Effect::possible) {
    const Error error = error_of([&] { post(effect); });
    assert_false(contains(error.what(), "segredo"));
    return error;
  }

 private:
  TemporaryDirectory directory_;
  TestCertificate certificate_;

 public:
  TlsServer server;
  Service service;
};

TlsServer::Script always(std::string octets, Then then = Then::keep) {
  return [=](const Request&) { return Reply{octets, then}; };
}

const std::string ok = TlsServer::response("200 OK", "<answer/>");

void expect(const Error& error, Errc code, bool unknown_outcome) {
  if (error.code() != code || contains(error.what(), outcome_unknown) != unknown_outcome) {
    print_error("not as expected: %s\n", error.what());
  }
  assert_int_equal(error.code(), code);
  assert_int_equal(contains(error.what(), outcome_unknown), unknown_outcome);
}

// ---- what is sent ----

void a_request_is_what_the_protocol_asks_for(void**) {
  Site site(always(ok));
  Transport transport(site.service, SecureString("se:gre\"do"), -1);
  const std::string body(2000000, 'x');
  assert_string_equal(transport.post("urn:act", body, Effect::possible).c_str(), "<answer/>");
  const Request request = site.server.requests().at(0);
  assert_true(request.head.starts_with("POST /Service.svc HTTP/1.1\r\n"));
  const std::string lines[] = {"Content-Type: text/xml; charset=utf-8", "SOAPAction: \"urn:act\"",
                               "Content-Length: 2000000",
                               "Authorization: Basic " + to_base64(bytes_of("entidade:se:gre\"do"))};
  for (const std::string& line : lines) assert_true(contains(request.head, "\r\n" + line + "\r\n"));
  assert_false(contains(request.head, "Expect"));
  assert_false(contains(request.head, "Transfer-Encoding"));
  assert_string_equal(request.body.c_str(), body.c_str());
}

void one_connection_serves_all_requests(void**) {
  Site site(always(TlsServer::response("200 OK", "<answer/>", "Set-Cookie: a=b\r\n")));
  Transport transport(site.service, SecureString("segredo"), -1);
  for (const char* action : {"urn:one", "urn:two", "urn:three"}) transport.post(action, "<x/>", Effect::possible);
  assert_int_equal(site.server.connections(), 1);
  assert_int_equal(site.server.requests().size(), 3);
  assert_true(contains(site.server.requests().at(1).head, "SOAPAction: \"urn:two\""));
  assert_false(contains(site.server.requests().at(1).head, "Cookie"));
}

// ---- whom it trusts ----

void only_the_service_is_trusted(void**) {
  const TestCertificate::Options others[] = {{.alternative_name = "DNS:other.example"},
                                             {.from_days = -9, .to_days = -1}};
  for (const auto& options : others) {
    Site site(always(ok), options);
    expect(site.error_of_post(), Errc::untrusted_service, false);
    assert_int_equal(site.server.requests().size(), 0);
  }
  Site site(always(ok));
  const TemporaryDirectory directory;
  site.service.ca_file = directory.write("ca.pem", TestCertificate::make().pem());
  expect(site.error_of_post(), Errc::untrusted_service, false);
  site.service.ca_file.clear();  // the system's authorities
  expect(site.error_of_post(), Errc::untrusted_service, false);
  assert_int_equal(site.server.requests().size(), 0);
  site.service.ca_file = "/nonexistent.pem";
  expect(site.error_of_post(), Errc::configuration, false);
}

void nothing_goes_out_in_clear(void**) {
  Site site(always(ok));
  TlsServer plain(nullptr, always(ok));
  site.service.endpoint = plain.url();
  expect(site.error_of_post(), Errc::configuration, false);
  // A redirect is not followed, neither there nor to another place of the same server.
  for (const std::string& place : {plain.url(), site.server.url() + "/elsewhere"}) {
    Site redirecting(always(TlsServer::response("307 Temporary Redirect", "", "Location: " + place + "\r\n")));
    expect(redirecting.error_of_post(), Errc::http_failure, false);
  }
  assert_int_equal(plain.requests().size() + site.server.requests().size(), 0);
}

// ---- no connection ----

void a_host_that_is_not_there(void**) {
  Site site(always(ok));
  site.service.endpoint = "https://" + std::string(64, 'a') + ".invalid/";  // no label is that long (RFC 1035)
  const Error error = site.error_of_post();
  expect(error, Errc::host_not_found, false);
  assert_true(contains(error.what(), "aaaa"));
}

void only_reading_is_tried_twice(void**) {
  Site site(always(ok));
  refused_connections = 1;
  expect(site.error_of_post(Effect::possible), Errc::connection_failed, false);
  refused_connections = 1;
  assert_string_equal(site.post(Effect::none).c_str(), "<answer/>");
  refused_connections = 3;
  expect(site.error_of_post(Effect::none), Errc::connection_failed, false);
  assert_int_equal(refused_connections.exchange(0), 1);
  assert_int_equal(site.server.requests().size(), 1);
}

void a_connection_that_dies_is_not_used_twice(void**) {
  Site site([](const Request& request) {
    return request.body == "<x/>" ? Reply{ok, Then::keep} : Reply{"", Then::break_};
  });
  Transport transport(site.service, SecureString("segredo"), -1);
  transport.post("urn:one", "<x/>", Effect::possible);
  // The kept connection ends as soon as the second request has arrived: libcurl alone would send it again.
  const Error error = error_of([&] { transport.post("urn:two", "<otp/>", Effect::possible); });
  expect(error, Errc::connection_failed, true);
  assert_int_equal(site.server.requests().size(), 2);
  // The next one has a live connection.
  assert_string_equal(transport.post("urn:three", "<x/>", Effect::possible).c_str(), "<answer/>");
  assert_int_equal(site.server.requests().size(), 3);
}

// ---- no answer, or half of one ----

void an_answer_that_does_not_come(void**) {
  Site site(always("", Then::stall));
  site.service.request_timeout = std::chrono::seconds(1);
  expect(site.error_of_post(), Errc::timed_out, true);
  expect(site.error_of_post(Effect::none), Errc::timed_out, false);
  assert_int_equal(site.server.requests().size(), 2);
}

void an_answer_that_stops(void**) {
  Site site(always(ok.substr(0, ok.size() - 3), Then::stall));
  site.service.request_timeout = std::chrono::seconds(1);
  expect(site.error_of_post(), Errc::timed_out, true);
}

/// A socket that listens, for connections nobody may ever accept.
class Listener {
 public:
  Listener() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    assert_int_equal(bind(descriptor_.get(), generic, size), 0);
    assert_int_equal(listen(descriptor_.get(), 8), 0);
    assert_int_equal(getsockname(descriptor_.get(), generic, &size), 0);
    url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  FileDescriptor accept() const { return FileDescriptor(accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

  std::string url;

 private:
  FileDescriptor descriptor_;
};

void a_handshake_that_does_not_come(void**) {
  const Listener listener;
  Site site(always(ok));
  site.service.endpoint = listener.url;
  site.service.connect_timeout = std::chrono::seconds(1);
  expect(site.error_of_post(), Errc::timed_out, false);
}

void a_peer_that_speaks_no_tls(void**) {
  const Listener listener;
  std::thread peer([&] {
    const FileDescriptor connection = listener.accept();
    send(connection.get(), "220 mail.example\r\n", 18, MSG_NOSIGNAL);
  });
  Site site(always(ok));
  site.service.endpoint = listener.url;
  const Error error = site.error_of_post();
  peer.join();
  expect(error, Errc::connection_failed, false);
}

void a_truncated_answer(void**) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<answer>";
  for (const std::string& octets : {ok.substr(0, ok.size() - 3), chunked}) {
    for (const Then then : {Then::close, Then::break_}) {
      Site site(always(octets, then));
      expect(site.error_of_post(), Errc::answer_truncated, true);
    }
  }
}

void an_answer_that_is_no_http(void**) {
  Site site(always("220 mail.example ESMTP\r\n", Then::close));
  expect(site.error_of_post(), Errc::connection_failed, true);
}

void an_answer_too_large(void**) {
  const std::string large(wire::max_envelope + 1, ' ');
  Site announced(
      always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n", Then::stall));
  expect(announced.error_of_post(), Errc::answer_too_large, true);
  Site endless(always("HTTP/1.1 200 OK\r\n\r\n" + large, Then::stall));
  expect(endless.error_of_post(Effect::none), Errc::answer_too_large, false);
  Site largest(always(TlsServer::response("200 OK", large.substr(1))));
  assert_int_equal(largest.post().size(), wire::max_envelope);
}

// ---- other answers ----

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
    Site site(always(TlsServer::response(row.status, row.body, "WWW-Authenticate: Basic realm=\"x\"\r\n")));
    expect(site.error_of_post(), row.errc, row.unknown_outcome);
    assert_int_equal(site.server.requests().size(), 1);
  }
}

// ---- proxies ----

void a_proxy_is_asked_and_told_nothing(void**) {
  TlsServer proxy(nullptr, always(TlsServer::response("407 Proxy Authentication Required", "",
                                                      "Proxy-Authenticate: Basic realm=\"x\"\r\n"),
                                  Then::close));
  Site site(always(ok));
  site.service.proxy = proxy.url();
  expect(site.error_of_post(), Errc::proxy_authentication, false);
  const std::string head = proxy.requests().at(0).head;
  assert_true(head.starts_with("CONNECT 127.0.0.1:" + std::to_string(site.server.port())));
  assert_false(contains(head, "\r\nAuthorization"));

  site.service.proxy.clear();
  setenv("https_proxy", proxy.url().c_str(), 1);
  const Error error = site.error_of_post();
  unsetenv("https_proxy");
  expect(error, Errc::proxy_authentication, false);

  TlsServer refusing(nullptr, always(TlsServer::response("403 Forbidden", ""), Then::close));
  site.service.proxy = refusing.url();
  expect(site.error_of_post(), Errc::connection_failed, false);
  site.service.proxy = "http://" + std::string(64, 'a') + ".invalid:8080";
  expect(site.error_of_post(), Errc::host_not_found, false);
  assert_int_equal(site.server.requests().size(), 0);
}

void a_proxy_that_does_not_answer_is_named(void**) {
  Site site(always(ok));
  const std::string dead = "http://user:geheim@127.0.0.1:1";
  site.service.proxy = dead;
  const Error configured = site.error_of_post();
  expect(configured, Errc::connection_failed, false);
  assert_true(contains(configured.what(), "proxy 127.0.0.1:1 "));
  assert_false(contains(configured.what(), "geheim"));

  site.service.proxy.clear();
  setenv("https_proxy", dead.c_str(), 1);
  assert_true(contains(site.error_of_post().what(), "proxy 127.0.0.1:1 "));
  const Listener listener;
  setenv("https_proxy", ("http" + listener.url.substr(5)).c_str(), 1);
  site.service.connect_timeout = std::chrono::seconds(1);
  const Error slow = site.error_of_post();
  expect(slow, Errc::timed_out, false);
  assert_true(contains(slow.what(), "The proxy 127.0.0.1:"));

  // One that is not used is not to blame.
  setenv("https_proxy", dead.c_str(), 1);
  setenv("no_proxy", "127.0.0.1", 1);
  assert_string_equal(site.post().c_str(), "<answer/>");
  site.service.endpoint = "https://127.0.0.1:2/";
  const Error error = site.error_of_post();
  unsetenv("no_proxy");
  unsetenv("https_proxy");
  expect(error, Errc::connection_failed, false);
  assert_true(contains(error.what(), "127.0.0.1:2 does not answer"));
}

// ---- cancelling ----

/// Two connected sockets: the agent's and the host's.
struct SocketPair {
  SocketPair() {
    int both[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    agent = FileDescriptor(both[0]);
    host = FileDescriptor(both[1]);
  }
  FileDescriptor agent, host;
};

/// What a request ends in when `act` happens once the service has it, and nothing else ever happens.
void expect_cancelled_by(const SocketPair& sockets, const std::function<void()>& act) {
  Site site([&](const Request&) {
    act();
    return Reply{"", Then::stall};
  });
  site.service.request_timeout = std::chrono::seconds(20);
  Transport transport(site.service, SecureString("segredo"), sockets.agent.get());
  watched = sockets.agent.get();
  in_sight = true;
  expect_error(Errc::cancelled, [&] { transport.post("urn:act", "<x/>", Effect::none); });
  watched = -1;
  assert_true(in_sight);
  // And none is begun any more.
  expect_error(Errc::cancelled, [&] { transport.post("urn:act", "<x/>", Effect::none); });
  assert_int_equal(site.server.requests().size(), 1);
}

void a_host_that_goes_ends_the_request(void**) {
  SocketPair sockets;
  expect_cancelled_by(sockets, [&] { sockets.host.close(); });
}

void a_word_of_the_host_ends_the_request(void**) {
  SocketPair sockets;
  expect_cancelled_by(sockets, [&] { assert_int_equal(send(sockets.host.get(), "x", 1, 0), 1); });
}

void a_host_that_stays_disturbs_nothing(void**) {
  SocketPair sockets;
  Site site(always(ok));
  Transport transport(site.service, SecureString("segredo"), sockets.agent.get());
  assert_string_equal(transport.post("urn:act", "<x/>", Effect::possible).c_str(), "<answer/>");
}

void a_cancelled_transport_connects_to_nobody(void**) {
  SocketPair sockets;
  sockets.host.close();
  Site site(always(ok));
  Transport transport(site.service, SecureString("segredo"), sockets.agent.get());
  expect_error(Errc::cancelled, [&] { transport.post("urn:act", "<x/>", Effect::none); });
  assert_int_equal(site.server.connections(), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
    unsetenv(name);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_what_the_protocol_asks_for),
      cmocka_unit_test(one_connection_serves_all_requests),
      cmocka_unit_test(only_the_service_is_trusted),
      cmocka_unit_test(nothing_goes_out_in_clear),
      cmocka_unit_test(a_host_that_is_not_there),
      cmocka_unit_test(only_reading_is_tried_twice),
      cmocka_unit_test(a_connection_that_dies_is_not_used_twice),
      cmocka_unit_test(an_answer_that_does_not_come),
      cmocka_unit_test(an_answer_that_stops),
      cmocka_unit_test(a_handshake_that_does_not_come),
      cmocka_unit_test(a_peer_that_speaks_no_tls),
      cmocka_unit_test(a_truncated_answer),
      cmocka_unit_test(an_answer_that_is_no_http),
      cmocka_unit_test(an_answer_too_large),
      cmocka_unit_test(http_statuses_have_their_errors),
      cmocka_unit_test(a_proxy_is_asked_and_told_nothing),
      cmocka_unit_test(a_proxy_that_does_not_answer_is_named),
      cmocka_unit_test(a_host_that_goes_ends_the_request),
      cmocka_unit_test(a_word_of_the_host_ends_the_request),
      cmocka_unit_test(a_host_that_stays_disturbs_nothing),
      cmocka_unit_test(a_cancelled_transport_connects_to_nobody),
  };
  return cmocka_run_group_tests_name("transport", tests, nullptr, nullptr);
}
