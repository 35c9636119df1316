// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>
#include <string>

#include "base/secure_string.h"
#include "service/connections.h"
#include "service/endpoint.h"

namespace smartcmd::service {

/// Throws Errc::configuration unless the text is a numeric address and a port: "127.0.0.1:0", "[::1]:8443".
void check_address(const std::string& listen);

/// The HTTPS server: TLS 1.2 and later, a thread for each connection, so that nobody waits for another's handshake;
/// connections are kept open between requests. Their number is limited, that of each address to a share, and so is the
/// time that each takes. It looks at paths, HTTP Basic and sizes; what is for the service goes to the endpoint, one
/// request at a time.
class HttpServer {
 public:
  struct Options {
    std::string listen;  ///< address and port
    std::string host;    ///< the name in our URL; empty for the address
    std::string username;
    SecureString password;
    SecureString tls_key;         ///< PEM
    std::string tls_certificate;  ///< PEM
    Connections::Limits limits;
    Connections::Clock clock = std::chrono::steady_clock::now;
  };
  /// Serves as soon as it is made. Throws Errc::configuration when it cannot listen.
  HttpServer(Options options, Endpoint& endpoint);
  /// Finishes the request at hand and closes all connections.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Where clients find the service, with the port that was bound.
  const std::string& url() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace smartcmd::service
