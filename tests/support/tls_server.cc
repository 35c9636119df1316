// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

namespace smartcmd {

namespace {

/// A connection with or without TLS.
class Stream {
 public:
  Stream(int socket, SSL_CTX* tls) : socket_(socket), ssl_(tls ? SSL_new(tls) : nullptr) {
    if (ssl_) ok_ = SSL_set_fd(ssl_.get(), socket) == 1 && SSL_accept(ssl_.get()) == 1;
  }

  bool ok() const { return ok_; }

  /// Adds what arrives to `to`; false at the end.
  bool read(std::string& to) {
    char some[4096];
    const auto count =
        ssl_ ? SSL_read(ssl_.get(), some, sizeof some) : static_cast<int>(recv(socket_, some, sizeof some, 0));
    if (count > 0) to.append(some, static_cast<std::size_t>(count));
    return count > 0;
  }
  void write(const std::string& octets) {
    for (std::size_t at = 0; at < octets.size();) {
      const auto rest = octets.size() - at;
      const auto count = ssl_ ? SSL_write(ssl_.get(), octets.data() + at, static_cast<int>(rest))
                              : static_cast<int>(send(socket_, octets.data() + at, rest, MSG_NOSIGNAL));
      if (count <= 0) return;  // the client has gone
      at += static_cast<std::size_t>(count);
    }
  }
  void end_tls() {
    if (ssl_) SSL_shutdown(ssl_.get());
  }

 private:
  int socket_;
  CPtr<SSL, SSL_free> ssl_;
  bool ok_ = true;
};

std::size_t content_length(const std::string& head) {
  static const std::string field = "\r\nContent-Length:";
  const auto same = [](char a, char b) { return tolower(a) == tolower(b); };
  const auto at = std::search(head.begin(), head.end(), field.begin(), field.end(), same);
  return at == head.end() ? 0 : std::stoul(std::string(at + static_cast<std::ptrdiff_t>(field.size()), head.end()));
}

/// The next request out of the stream; `pending` keeps what was read beyond it.
bool read_request(Stream& stream, std::string& pending, TlsServer::Request& request) {
  std::size_t end = 0;
  while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
    if (!stream.read(pending)) return false;
  }
  request.head = pending.substr(0, end + 2);
  pending.erase(0, end + 4);
  const std::size_t length = content_length(request.head);
  while (pending.size() < length) {
    if (!stream.read(pending)) return false;
  }
  request.body = pending.substr(0, length);
  pending.erase(0, length);
  return true;
}

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

}  // namespace

TlsServer::TlsServer(const TestCertificate* certificate, Script script)
    : script_(std::move(script)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  signal(SIGPIPE, SIG_IGN);
  if (certificate) {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_num_tickets(tls_.get(), 0);  // nothing is said but what the script says
    require(SSL_CTX_use_certificate(tls_.get(), certificate->certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(tls_.get(), certificate->key.get()) == 1,
            "SSL_CTX_use_certificate");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(bind(listener_.get(), generic, size) == 0 && listen(listener_.get(), 8) == 0 &&
              getsockname(listener_.get(), generic, &size) == 0,
          "listen");
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread(&TlsServer::accept_all, this);
}

TlsServer::~TlsServer() {
  shutdown(listener_.get(), SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, socket] : sockets_) shutdown(socket.get(), SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void TlsServer::accept_all() {
  for (;;) {
    FileDescriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    const std::lock_guard lock(mutex_);
    const int number = static_cast<int>(threads_.size()) + 1;
    const int descriptor = socket.get();
    sockets_[number] = std::move(socket);
    threads_.emplace_back(&TlsServer::serve, this, descriptor, number);
  }
}

void TlsServer::serve(int socket, int number) {
  Stream stream(socket, tls_.get());
  std::string pending;
  Request request{number, {}, {}};
  Then then = stream.ok() ? Then::keep : Then::break_;
  while (then == Then::keep && read_request(stream, pending, request)) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Reply reply = script_(request);
    stream.write(reply.octets);
    then = reply.then;
  }
  while (then == Then::stall && stream.read(pending)) {
  }
  if (then == Then::close) stream.end_tls();
  shutdown(socket, SHUT_RDWR);
}

std::vector<TlsServer::Request> TlsServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int TlsServer::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

std::string TlsServer::response(const std::string& status, const std::string& body, const std::string& fields) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

}  // namespace smartcmd
