// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/c_ptr.h"
#include "base/file_descriptor.h"
#include "tests/support/certificate.h"

namespace smartcmd {

/// An HTTP server on 127.0.0.1 that does what a test tells it: it answers with any octets and ends connections in any
/// way. A thread for each connection.
class TlsServer {
 public:
  struct Request {
    int connection;    ///< 1 for the first one accepted
    std::string head;  ///< request line and header fields
    std::string body;
  };
  enum class Then {
    keep,    ///< read the next request
    close,   ///< end TLS and the connection
    break_,  ///< end the connection under TLS
    stall,   ///< say nothing more until the client goes
  };
  struct Reply {
    std::string octets;
    Then then = Then::keep;
  };
  using Script = std::function<Reply(const Request&)>;

  /// Speaks TLS with that certificate, or without one plain HTTP.
  TlsServer(const TestCertificate* certificate, Script script);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_); }
  /// What was asked so far.
  std::vector<Request> requests() const;
  int connections() const;

  /// A whole HTTP response.
  static std::string response(const std::string& status, const std::string& body, const std::string& fields = "");

 private:
  void accept_all();
  void serve(int socket, int number);

  CPtr<SSL_CTX, SSL_CTX_free> tls_;
  Script script_;
  FileDescriptor listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::map<int, FileDescriptor> sockets_;  ///< by number of the connection
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace smartcmd
