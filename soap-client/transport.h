// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/secure_string.h"
#include "signing/config.h"

namespace smartcmd {

/// Carries envelopes to a service: SOAP 1.1 over HTTP/1.1 over TLS, one connection kept for all calls. Not for use by
/// several threads at once. The process ignores SIGPIPE from the first one on.
class Transport {
 public:
  /// Where a service is.
  struct Endpoint {
    std::string host;
    unsigned port;
  };
  /// What a request may bring about at the service.
  enum class Effect {
    none,      ///< repeated once when no connection came about
    possible,  ///< a message to the person, an attempt used up, a signature: never sent twice
  };

  /// `cancel_fd` is a socket whose end or data gives up a running request; -1 for none. libcurl keeps a copy of the
  /// password on the heap, wiped by nobody; that copy stays in the agent's own process. Throws Errc::configuration.
  Transport(const Service& service, const SecureString& password, int cancel_fd);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// The envelope the service answers with: the content of a 200. Throws Errc::soap_fault for a 500 that holds a fault
  /// (SOAP 1.1 section 6.2), else an error of the wire; where the request may have been carried out, the sentence says
  /// that its outcome is unknown.
  std::string post(std::string_view soap_action, std::string_view envelope, Effect effect);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_trust(const Service& service);
  void set_credentials(const Service& service, const SecureString& password);
  void set_limits(const Service& service);
  void set_streams();
  CURLcode exchange(std::string_view soap_action, std::string_view envelope);
  CURLcode run();
  bool cancelled() const;
  long info(CURLINFO what) const;
  std::string proxy_tried() const;
  void check(CURLcode code, Effect effect) const;
  void check_http_status(Effect effect) const;
  void check_fault() const;
  [[noreturn]] void refuse(const Error& error, Effect effect) const;
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t give(char* to, std::size_t size, std::size_t count, void* self);
  static int rewind(void* self, curl_off_t offset, int origin);
  static std::size_t take(char* from, std::size_t size, std::size_t count, void* self);

  CPtr<CURLM, curl_multi_cleanup> connections_;
  CPtr<CURL, curl_easy_cleanup> handle_;
  const Endpoint endpoint_;
  const std::string proxy_;  ///< as the configuration has it
  int cancel_fd_;
  unsigned port_tried_ = 0;  ///< of the last connection begun for a request
  std::string_view unsent_;  ///< what is left of the envelope
  bool sent_ = false;        ///< whether any of it has left
  std::string answer_;
  char reason_[CURL_ERROR_SIZE] = {};  ///< libcurl's own words about the last failure
};

}  // namespace smartcmd
