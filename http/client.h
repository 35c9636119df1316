// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secure_string.h"

/// The one way out to the network: what every driver and every authority is asked through.
namespace smartcmd::http {

/// What a person can do about a failure, in the words of whoever sends the requests: each is a sentence, or empty.
/// Translated where they are used.
struct Advice {
  const char* address = "";         ///< the host or what it answers is not as expected
  const char* authorities = "";     ///< it does not prove who it is
  const char* proxy = "";           ///< one cannot be reached
  const char* proxy_password = "";  ///< one wants a password
  const char* time = "";            ///< the time is over
};

/// How a server is reached, and how much of it is borne.
struct Options {
  Advice advice;
  std::filesystem::path ca_file;  ///< PEM; empty for the system's authorities
  std::string proxy;              ///< empty for what the environment says
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds request_timeout{60};  ///< with the connecting
  std::size_t largest_answer = 1U << 20;     ///< octets
  bool allow_plain = false;                  ///< http:// as well: only for what proves itself by a signature
  int cancel_fd = -1;                        ///< a socket whose end or data gives up a running request; -1 for none
};

/// Where a server is.
struct Place {
  bool tls;
  std::string host;
  unsigned port;
};

/// Of an http:// or https:// address; nothing for any other.
std::optional<Place> place_of(const std::string& url);

/// What a request may bring about at the other end.
enum class Effect {
  none,      ///< repeated once when no connection came about
  possible,  ///< a message to a person, an attempt used up, a signature: never sent twice
};

struct Request {
  std::string url;
  std::vector<std::string> headers;  ///< lines such as "Content-Type: text/xml"
  std::string_view body;
  Effect effect = Effect::possible;
  std::string method = "POST";  ///< any but HEAD
};

/// What came back, whatever its status.
struct Response {
  long status;
  std::string content_type;  ///< with its parameters; empty when there is none
  std::string body;
};

/// Sends requests over HTTP/1.1, and TLS of version 1.2 at least with a server that proves who it is; a connection is
/// kept for the next request. A redirect is an answer like any other. Not for use by several threads at once. The
/// process ignores SIGPIPE from the first one on.
class Client {
 public:
  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// HTTP Basic, with every request from now on. libcurl keeps a copy of the password on the heap, wiped by nobody: so
  /// this is for processes that no others' code runs in.
  void log_in(const std::string& username, const SecureString& password);

  /// The answer. Throws an error of the wire when there is none or only a part of it; where the request may have been
  /// carried out, the sentence says that its outcome is unknown.
  Response send(const Request& request);

  /// The error for an answer that is none, by its status: with the same care for what may have happened.
  Error refusal(const Response& response) const;

 private:
  class Wire;
  std::unique_ptr<Wire> wire_;
};

}  // namespace smartcmd::http
