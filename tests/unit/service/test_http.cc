// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The HTTPS server under people who take their time: real sockets, and a clock that is ours.

#include "service/http.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <csignal>

#include "base/file_descriptor.h"
#include "base/files.h"
#include "service/secret_files.h"
#include "tests/support/expect.h"
#include "tests/support/signing_house.h"

namespace smartcmd::service {
namespace {

using namespace std::chrono_literals;

/// A service whose connections' clock goes on only when it is told.
struct World {
  SigningHouse house;
  std::atomic<std::chrono::seconds> now{0s};
  Endpoint endpoint{house.operations()};
  HttpServer server{options(), endpoint};

  HttpServer::Options options() {
    return {"127.0.0.1:0",
            "",
            "somebody",
            SecureString("password"),
            read_whole_secret(layout::tls_key),
            read_file(layout::tls_certificate),
            {},
            [this] { return Connections::TimePoint(now.load()); }};
  }
  in_port_t port() const {
    const std::string url = server.url();
    const std::size_t colon = url.rfind(':');
    return static_cast<in_port_t>(std::stoi(url.substr(colon + 1)));
  }
};

/// A connection without TLS, so far.
class Line {
 public:
  explicit Line(const World& world) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(world.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  int get() const { return socket_.get(); }
  /// Waits until the other side has closed. Ten seconds pass each time that it has not, because it may have noticed us
  /// only after the clock was changed.
  void expect_end(World& world) const {
    const timeval patience{1, 0};
    setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char octets[1024];
    while (recv(get(), octets, sizeof octets, 0) != 0) world.now = world.now.load() + 10s;
  }

 private:
  FileDescriptor socket_;
};

/// A connection over TLS.
class TlsLine {
 public:
  explicit TlsLine(const World& world) : line_(world) {
    SSL_set_fd(ssl_.get(), line_.get());
    assert_int_equal(SSL_connect(ssl_.get()), 1);
  }
  void send(const std::string& octets) const {
    assert_int_equal(SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())), octets.size());
  }
  /// The next octets that arrive; none when the other side has closed.
  std::string receive() const {
    char octets[4096];
    const int count = SSL_read(ssl_.get(), octets, sizeof octets);
    return {octets, static_cast<std::size_t>(std::max(count, 0))};
  }

 private:
  Line line_;
  CPtr<SSL_CTX, SSL_CTX_free> context_{SSL_CTX_new(TLS_client_method())};
  CPtr<SSL, SSL_free> ssl_{SSL_new(context_.get())};
};

std::string header(std::size_t size, bool with_password = true) {
  return "POST /Ama.Authentication.Frontend/SCMDService.svc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n" +
         (with_password ? "Authorization: Basic " + to_base64(bytes_of("somebody:password")) + "\r\n" : std::string()) +
         "Content-Length: " + std::to_string(size) + "\r\nExpect: 100-continue\r\n\r\n";
}

void who_says_nothing_is_left(void**) {
  World world;
  const Line silent(world);
  silent.expect_end(world);
}

void who_dribbles_a_header_is_left(void**) {
  World world;
  const TlsLine slow(world);
  slow.send("POST /Ama");
  world.now = 9s;
  slow.send(".");
  world.now = 10s;
  assert_true(slow.receive().empty());
}

void who_dribbles_a_body_is_left(void**) {
  World world;
  for (const bool with_password : {false, true}) {
    const TlsLine slow(world);
    slow.send(header(100, with_password));
    assert_true(slow.receive().starts_with("HTTP/1.1 100"));
    slow.send("<");
    world.now = world.now.load() + (with_password ? 30s : 10s);
    assert_true(slow.receive().empty());
  }
}

void who_has_the_password_has_time(void**) {
  World world;
  const TlsLine client(world);
  client.send(header(1));
  assert_true(client.receive().starts_with("HTTP/1.1 100"));
  world.now = world.now.load() + 29s;
  client.send("x");
  assert_true(client.receive().starts_with("HTTP/1.1 500"));  // a fault: no action
}

void a_stranger_sends_a_small_body(void**) {
  World world;
  const TlsLine small(world);
  small.send(header(100000, false));
  assert_true(small.receive().starts_with("HTTP/1.1 100"));
  small.send(std::string(100000, ' '));
  assert_true(small.receive().starts_with("HTTP/1.1 401"));
  const TlsLine large(world);
  large.send(header(1000000, false));
  assert_true(large.receive().starts_with("HTTP/1.1 100"));
  for (int n = 0; n < 9; ++n) large.send(std::string(16384, ' '));
  assert_true(large.receive().empty());
}

void an_address_has_so_many_strangers(void**) {
  World world;
  std::vector<std::unique_ptr<TlsLine>> friends;
  for (int n = 0; n < 3; ++n) {
    friends.push_back(std::make_unique<TlsLine>(world));
    friends.back()->send(header(1));
    assert_true(friends.back()->receive().starts_with("HTTP/1.1 100"));
    friends.back()->send("x");
    assert_true(friends.back()->receive().starts_with("HTTP/1.1 500"));
  }
  std::vector<std::unique_ptr<TlsLine>> strangers;
  for (unsigned n = 0; n < Connections::Limits().strangers_of_an_address; ++n) {
    strangers.push_back(std::make_unique<TlsLine>(world));
  }
  const Line one_more(world);
  char octet = 0;
  assert_true(recv(one_more.get(), &octet, 1, 0) <= 0);
}

// ---- the table by itself ----

sockaddr_in6 peer(const char* address) {
  sockaddr_in6 found{};
  found.sin6_family = AF_INET6;
  inet_pton(AF_INET6, address, &found.sin6_addr);
  return found;
}

bool admits(const Connections& connections, const char* address) {
  const sockaddr_in6 from = peer(address);
  return connections.admits(reinterpret_cast<const sockaddr*>(&from));
}

void no_time_runs_while_the_service_works(void**) {
  Connections::TimePoint now{};
  Connections connections({}, [&now] { return now; });
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const FileDescriptor ours(ends[0]), theirs(ends[1]);
  char octet = 0;
  const auto is_open = [&] { return recv(theirs.get(), &octet, 1, 0) < 0; };
  const sockaddr_in6 from = peer("2001:db8::1");
  connections.begin(&now, ours.get(), reinterpret_cast<const sockaddr*>(&from));
  connections.on_header(&now, true);
  connections.on_work(&now);
  now += 1h;
  connections.shut_late();
  assert_true(is_open());
  connections.on_answer(&now);
  now += 29s;
  connections.on_end(&now);
  now += 179s;
  connections.shut_late();
  assert_true(is_open());
  now += 1s;
  connections.shut_late();
  assert_false(is_open());
}

void an_address_is_what_a_provider_gives(void**) {
  Connections connections({10s, 30s, 180s, 1});
  const sockaddr_in6 from = peer("2001:db8::1");
  const int places[2]{};
  connections.begin(&places[0], -1, reinterpret_cast<const sockaddr*>(&from));
  assert_false(admits(connections, "2001:db8::1"));
  assert_false(admits(connections, "2001:db8::2"));
  assert_true(admits(connections, "2001:db8:0:1::1"));
  connections.on_header(&places[0], true);
  assert_true(admits(connections, "2001:db8::1"));
  connections.begin(&places[1], -1, reinterpret_cast<const sockaddr*>(&from));
  assert_false(admits(connections, "2001:db8::1"));
  connections.end(&places[1]);
  assert_true(admits(connections, "2001:db8::1"));
}

/// Where the service listens on [::], IPv4 comes in addresses of IPv6, and all of them begin alike.
void addresses_of_ipv4_are_told_apart_on_a_socket_of_ipv6(void**) {
  Connections connections({10s, 30s, 180s, 1});
  const sockaddr_in6 from = peer("::ffff:192.0.2.1");
  connections.begin(&from, -1, reinterpret_cast<const sockaddr*>(&from));
  assert_false(admits(connections, "::ffff:192.0.2.1"));
  assert_true(admits(connections, "::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  std::signal(SIGPIPE, SIG_IGN);
  const MadeDirectory directory;
  const CMUnitTest tests[] = {
      cmocka_unit_test(who_says_nothing_is_left),
      cmocka_unit_test(who_dribbles_a_header_is_left),
      cmocka_unit_test(who_dribbles_a_body_is_left),
      cmocka_unit_test(who_has_the_password_has_time),
      cmocka_unit_test(a_stranger_sends_a_small_body),
      cmocka_unit_test(an_address_has_so_many_strangers),
      cmocka_unit_test(no_time_runs_while_the_service_works),
      cmocka_unit_test(an_address_is_what_a_provider_gives),
      cmocka_unit_test(addresses_of_ipv4_are_told_apart_on_a_socket_of_ipv6),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
