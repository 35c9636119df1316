// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The client against a server that does everything a server can do to it.

#include "http/client.h"

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
#include "base/file_descriptor.h"
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

namespace smartcmd::http {
namespace {

using Then = TlsServer::Then;
using Asked = TlsServer::Request;
using Reply = TlsServer::Reply;

const char* const outcome_unknown = "not known whether the service acted on it";

/// A server with its certificate, and how it is reached.
class Site {
 public:
  explicit Site(TlsServer::Script script, const TestCertificate::Options& options = {})
      : certificate_(TestCertificate::make(options)), server(&certificate_, std::move(script)) {
    url = server.url() + "/Service.svc";
    options_.ca_file = directory_.write("ca.pem", certificate_.pem());
    options_.connect_timeout = std::chrono::seconds(20);
    options_.request_timeout = std::chrono::seconds(20);
  }

  Request request(std::string_view body = "<x/>", Effect effect = Effect::possible) const {
    return {url, {"Content-Type: text/xml; charset=utf-8"}, body, effect};
  }
  /// The content of a 200 to a request by a client of its own; any other answer is refused.
  std::string post(Effect effect = Effect::possible) {
    Client client(options());
    client.log_in("entidade", SecureString("segredo"));
    Response response = client.send(request("<x/>", effect));
    if (response.status != 200) throw client.refusal(response);
    return response.body;
  }
  Error error_of_post(Effect effect = Effect::possible) {
    const Error error = error_of([&] { post(effect); });
    assert_false(contains(error.what(), "segredo"));
    return error;
  }
  Options& options() { return options_; }

 private:
  TemporaryDirectory directory_;
  TestCertificate certificate_;
  Options options_;

 public:
  TlsServer server;
  std::string url;
};

TlsServer::Script always(std::string octets, Then then = Then::keep) {
  return [=](const Asked&) { return Reply{octets, then}; };
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

void a_request_is_sent_as_it_is(void**) {
  Site site(always(ok));
  Client client(site.options());
  client.log_in("entidade", SecureString("se:gre\"do"));
  const std::string body(2000000, 'x');
  Request request = site.request(body);
  request.headers.push_back("SOAPAction: \"urn:act\"");
  const Response response = client.send(request);
  assert_int_equal(response.status, 200);
  assert_string_equal(response.body.c_str(), "<answer/>");
  assert_string_equal(response.content_type.c_str(), "text/xml; charset=utf-8");
  const Asked asked = site.server.requests().at(0);
  assert_true(asked.head.starts_with("POST /Service.svc HTTP/1.1\r\n"));
  const std::string lines[] = {"Content-Type: text/xml; charset=utf-8", "SOAPAction: \"urn:act\"",
                               "Content-Length: 2000000",
                               "Authorization: Basic " + to_base64(bytes_of("entidade:se:gre\"do"))};
  for (const std::string& line : lines) assert_true(contains(asked.head, "\r\n" + line + "\r\n"));
  assert_false(contains(asked.head, "Expect"));
  assert_false(contains(asked.head, "Transfer-Encoding"));
  assert_string_equal(asked.body.c_str(), body.c_str());
}

void other_methods_and_credentials_go_too(void**) {
  Site site(always(ok));
  Client client(site.options());
  const auto head = [&](Request request) {
    client.send(request);
    return site.server.requests().back().head;
  };
  assert_true(
      head({site.url, {"Authorization: Bearer abc"}, {}, Effect::none, "GET"}).starts_with("GET /Service.svc "));
  assert_true(contains(site.server.requests().back().head, "\r\nAuthorization: Bearer abc\r\n"));
  assert_true(head({site.url, {}, "{}", Effect::possible, "PUT"}).starts_with("PUT /Service.svc "));
  assert_string_equal(site.server.requests().back().body.c_str(), "{}");
  assert_true(head({site.url + "/it", {}, {}, Effect::possible, "DELETE"}).starts_with("DELETE /Service.svc/it "));
  const std::string empty = head({site.url, {}, {}, Effect::possible});
  assert_true(empty.starts_with("POST "));
  assert_true(contains(empty, "\r\nContent-Length: 0\r\n"));
  assert_false(contains(empty, "Authorization"));
  // What has a line break would be a field of somebody else's.
  expect_error(Errc::invalid_argument, [&] { head({site.url, {"A: b\r\nC: d"}, "x"}); });
}

void one_connection_serves_all_requests(void**) {
  Site site(always(TlsServer::response("200 OK", "<answer/>", "Set-Cookie: a=b\r\n")));
  Client client(site.options());
  for (const char* body : {"<one/>", "<two/>", "<three/>"}) client.send(site.request(body));
  assert_int_equal(site.server.connections(), 1);
  assert_int_equal(site.server.requests().size(), 3);
  assert_string_equal(site.server.requests().at(1).body.c_str(), "<two/>");
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
  site.options().ca_file = directory.write("ca.pem", TestCertificate::make().pem());
  expect(site.error_of_post(), Errc::untrusted_service, false);
  site.options().ca_file.clear();  // the system's authorities
  expect(site.error_of_post(), Errc::untrusted_service, false);
  assert_int_equal(site.server.requests().size(), 0);
  site.options().ca_file = "/nonexistent.pem";
  expect(site.error_of_post(), Errc::configuration, false);
}

void nothing_goes_out_in_clear(void**) {
  Site site(always(ok));
  TlsServer plain(nullptr, always(ok));
  site.url = plain.url();
  expect(site.error_of_post(), Errc::configuration, false);
  // A redirect is not followed, neither there nor to another place of the same server.
  for (const std::string& place : {plain.url(), site.server.url() + "/elsewhere"}) {
    Site redirecting(always(TlsServer::response("307 Temporary Redirect", "", "Location: " + place + "\r\n")));
    expect(redirecting.error_of_post(), Errc::http_failure, false);
  }
  assert_int_equal(plain.requests().size() + site.server.requests().size(), 0);
  // Unless it may.
  site.options().allow_plain = true;
  assert_string_equal(site.post(Effect::none).c_str(), "<answer/>");
  assert_int_equal(plain.requests().size(), 1);
  site.url = "ftp" + plain.url().substr(4);
  expect(site.error_of_post(), Errc::configuration, false);
}

void addresses_are_taken_apart(void**) {
  const auto place = [](const char* url) {
    const Place it = place_of(url).value();
    return std::string(it.tls ? "tls " : "plain ") + it.host + " " + std::to_string(it.port);
  };
  assert_string_equal(place("http://tsa.example/a/b?c=d").c_str(), "plain tsa.example 80");
  assert_string_equal(place("https://[::1]:8443").c_str(), "tls [::1] 8443");
  assert_string_equal(place("https://tsa.example/").c_str(), "tls tsa.example 443");
  for (const char* wrong : {"", "tsa.example", "ftp://tsa.example/", "http://", "http:///x", "https://tsa.example:x/"})
    assert_false(place_of(wrong).has_value());
}

// ---- no connection ----

void a_host_that_is_not_there(void**) {
  Site site(always(ok));
  site.url = "https://" + std::string(64, 'a') + ".invalid/";  // no label is that long (RFC 1035)
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
  Site site([](const Asked& request) {
    return request.body == "<x/>" ? Reply{ok, Then::keep} : Reply{"", Then::break_};
  });
  Client client(site.options());
  client.send(site.request());
  // The kept connection ends as soon as the second request has arrived: libcurl alone would send it again.
  const Error error = error_of([&] { client.send(site.request("<otp/>")); });
  expect(error, Errc::connection_failed, true);
  assert_int_equal(site.server.requests().size(), 2);
  // The next one has a live connection.
  assert_string_equal(client.send(site.request()).body.c_str(), "<answer/>");
  assert_int_equal(site.server.requests().size(), 3);
}

// There is nothing in it that libcurl could not send again.
void what_has_no_body_is_not_sent_twice(void**) {
  std::atomic<int> asked{0};
  Site site([&](const Asked&) { return ++asked == 2 ? Reply{"", Then::break_} : Reply{ok, Then::keep}; });
  Client client(site.options());
  const Request request{site.url, {}, {}, Effect::possible, "DELETE"};
  client.send(request);
  expect(error_of([&] { client.send(request); }), Errc::connection_failed, true);
  assert_int_equal(site.server.requests().size(), 2);
  site.url = "https://127.0.0.1:1/";
  expect(error_of([&] {
           client.send({site.url, {}, {}, Effect::possible, "DELETE"});
         }),
         Errc::connection_failed, false);
}

// ---- no answer, or half of one ----

void an_answer_that_does_not_come(void**) {
  Site site(always("", Then::stall));
  site.options().request_timeout = std::chrono::seconds(1);
  expect(site.error_of_post(), Errc::timed_out, true);
  expect(site.error_of_post(Effect::none), Errc::timed_out, false);
  assert_int_equal(site.server.requests().size(), 2);
}

void an_answer_that_stops(void**) {
  Site site(always(ok.substr(0, ok.size() - 3), Then::stall));
  site.options().request_timeout = std::chrono::seconds(1);
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
  site.url = listener.url;
  site.options().connect_timeout = std::chrono::seconds(1);
  expect(site.error_of_post(), Errc::timed_out, false);
}

void a_peer_that_speaks_no_tls(void**) {
  const Listener listener;
  std::thread peer([&] {
    const FileDescriptor connection = listener.accept();
    send(connection.get(), "220 mail.example\r\n", 18, MSG_NOSIGNAL);
  });
  Site site(always(ok));
  site.url = listener.url;
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
  constexpr std::size_t largest = 3U << 20;
  const std::string large(largest + 1, ' ');
  Site announced(
      always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n", Then::stall));
  announced.options().largest_answer = largest;
  expect(announced.error_of_post(), Errc::answer_too_large, true);
  Site endless(always("HTTP/1.1 200 OK\r\n\r\n" + large, Then::stall));
  endless.options().largest_answer = largest;
  expect(endless.error_of_post(Effect::none), Errc::answer_too_large, false);
  Site just_so(always(TlsServer::response("200 OK", large.substr(1))));
  just_so.options().largest_answer = largest;
  assert_int_equal(just_so.post().size(), largest);
}

// ---- other answers ----

void http_statuses_have_their_errors(void**) {
  const struct {
    const char* status;
    Errc errc;
    bool unknown_outcome;
  } table[] = {
      {"401 Unauthorized", Errc::http_failure, false},
      {"407 Proxy Authentication Required", Errc::proxy_authentication, false},
      {"500 Internal Server Error", Errc::http_failure, true},
      {"503 Service Unavailable", Errc::http_failure, true},
      {"404 Not Found", Errc::http_failure, false},
      {"302 Found", Errc::http_failure, false},
      {"204 No Content", Errc::http_failure, false},
  };
  for (const auto& row : table) {
    Site site(always(TlsServer::response(row.status, "<html>oops</html>", "WWW-Authenticate: Basic realm=\"x\"\r\n")));
    expect(site.error_of_post(), row.errc, row.unknown_outcome);
    assert_int_equal(site.server.requests().size(), 1);
    expect(site.error_of_post(Effect::none), row.errc, false);
  }
}

void the_content_of_any_status_is_given(void**) {
  Site site(always(TlsServer::response("500 Internal Server Error", "<fault/>")));
  Client client(site.options());
  const Response response = client.send(site.request());
  assert_int_equal(response.status, 500);
  assert_string_equal(response.body.c_str(), "<fault/>");
}

// ---- proxies ----

void a_proxy_is_asked_and_told_nothing(void**) {
  TlsServer proxy(nullptr, always(TlsServer::response("407 Proxy Authentication Required", "",
                                                      "Proxy-Authenticate: Basic realm=\"x\"\r\n"),
                                  Then::close));
  Site site(always(ok));
  site.options().proxy = proxy.url();
  expect(site.error_of_post(), Errc::proxy_authentication, false);
  const std::string head = proxy.requests().at(0).head;
  assert_true(head.starts_with("CONNECT 127.0.0.1:" + std::to_string(site.server.port())));
  assert_false(contains(head, "\r\nAuthorization"));

  site.options().proxy.clear();
  setenv("https_proxy", proxy.url().c_str(), 1);
  const Error error = site.error_of_post();
  unsetenv("https_proxy");
  expect(error, Errc::proxy_authentication, false);

  TlsServer refusing(nullptr, always(TlsServer::response("403 Forbidden", ""), Then::close));
  site.options().proxy = refusing.url();
  expect(site.error_of_post(), Errc::connection_failed, false);
  site.options().proxy = "http://" + std::string(64, 'a') + ".invalid:8080";
  expect(site.error_of_post(), Errc::host_not_found, false);
  assert_int_equal(site.server.requests().size(), 0);
}

void a_proxy_that_does_not_answer_is_named(void**) {
  Site site(always(ok));
  const std::string dead = "http://user:geheim@127.0.0.1:1";
  site.options().proxy = dead;
  const Error configured = site.error_of_post();
  expect(configured, Errc::connection_failed, false);
  assert_true(contains(configured.what(), "proxy 127.0.0.1:1 "));
  assert_false(contains(configured.what(), "geheim"));

  site.options().proxy.clear();
  setenv("https_proxy", dead.c_str(), 1);
  assert_true(contains(site.error_of_post().what(), "proxy 127.0.0.1:1 "));
  const Listener listener;
  setenv("https_proxy", ("http" + listener.url.substr(5)).c_str(), 1);
  site.options().connect_timeout = std::chrono::seconds(1);
  const Error slow = site.error_of_post();
  expect(slow, Errc::timed_out, false);
  assert_true(contains(slow.what(), "The proxy 127.0.0.1:"));

  // One that is not used is not to blame.
  setenv("https_proxy", dead.c_str(), 1);
  setenv("no_proxy", "127.0.0.1", 1);
  assert_string_equal(site.post().c_str(), "<answer/>");
  site.url = "https://127.0.0.1:2/";
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
  Site site([&](const Asked&) {
    act();
    return Reply{"", Then::stall};
  });
  site.options().request_timeout = std::chrono::seconds(20);
  site.options().cancel_fd = sockets.agent.get();
  Client client(site.options());
  watched = sockets.agent.get();
  in_sight = true;
  expect_error(Errc::cancelled, [&] { client.send(site.request("<x/>", Effect::none)); });
  watched = -1;
  assert_true(in_sight);
  // And none is begun any more.
  expect_error(Errc::cancelled, [&] { client.send(site.request("<x/>", Effect::none)); });
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
  site.options().cancel_fd = sockets.agent.get();
  Client client(site.options());
  assert_string_equal(client.send(site.request()).body.c_str(), "<answer/>");
}

void a_cancelled_client_connects_to_nobody(void**) {
  SocketPair sockets;
  sockets.host.close();
  Site site(always(ok));
  site.options().cancel_fd = sockets.agent.get();
  Client client(site.options());
  expect_error(Errc::cancelled, [&] { client.send(site.request("<x/>", Effect::none)); });
  assert_int_equal(site.server.connections(), 0);
}

}  // namespace
}  // namespace smartcmd::http

int main() {
  using namespace smartcmd::http;
  for (const char* name :
       {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
    unsetenv(name);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_request_is_sent_as_it_is),
      cmocka_unit_test(other_methods_and_credentials_go_too),
      cmocka_unit_test(one_connection_serves_all_requests),
      cmocka_unit_test(only_the_service_is_trusted),
      cmocka_unit_test(nothing_goes_out_in_clear),
      cmocka_unit_test(addresses_are_taken_apart),
      cmocka_unit_test(a_host_that_is_not_there),
      cmocka_unit_test(only_reading_is_tried_twice),
      cmocka_unit_test(a_connection_that_dies_is_not_used_twice),
      cmocka_unit_test(what_has_no_body_is_not_sent_twice),
      cmocka_unit_test(an_answer_that_does_not_come),
      cmocka_unit_test(an_answer_that_stops),
      cmocka_unit_test(a_handshake_that_does_not_come),
      cmocka_unit_test(a_peer_that_speaks_no_tls),
      cmocka_unit_test(a_truncated_answer),
      cmocka_unit_test(an_answer_that_is_no_http),
      cmocka_unit_test(an_answer_too_large),
      cmocka_unit_test(http_statuses_have_their_errors),
      cmocka_unit_test(the_content_of_any_status_is_given),
      cmocka_unit_test(a_proxy_is_asked_and_told_nothing),
      cmocka_unit_test(a_proxy_that_does_not_answer_is_named),
      cmocka_unit_test(a_host_that_goes_ends_the_request),
      cmocka_unit_test(a_word_of_the_host_ends_the_request),
      cmocka_unit_test(a_host_that_stays_disturbs_nothing),
      cmocka_unit_test(a_cancelled_client_connects_to_nobody),
  };
  return cmocka_run_group_tests_name("client", tests, nullptr, nullptr);
}
