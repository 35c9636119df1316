// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/timestamp_http.h"

#include <glib.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>

#include <array>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "documents/cms_openssl.h"

namespace smartcmd {
namespace {

using TlsContext = CPtr<SSL_CTX, SSL_CTX_free>;

/// Seconds, also for an authority that refuses the connection: libcrypto tries that until the time is over.
constexpr int time_limit = 15;
constexpr std::size_t largest_answer = 1UL << 20;

void free_text(char* text) {
  OPENSSL_free(text);
}
using Text = CPtr<char, free_text>;

TlsContext make_tls(const std::filesystem::path& ca_file) {
  TlsContext context(SSL_CTX_new_ex(crypto_context(), nullptr, TLS_client_method()));
  require_openssl(context != nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  const bool loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                      : SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
  if (!loaded) {
    throw Error(Errc::invalid_argument, filled(_("{file} holds no certificate in PEM."), {{"file", ca_file.native()}}));
  }
  return context;
}

struct Connection {
  const HttpTarget& target;
  SSL_CTX* tls;
  bool through_proxy;
};

// RFC 6125: the server must be who the URL says, a name or an address.
bool expect_host(SSL* ssl, std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);  // an IPv6 address in a URL
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
  return SSL_set1_host(ssl, host.c_str()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1;
}

// What OSSL_HTTP_transfer(3) calls a bio_update_fn: puts TLS over the connection, and takes it away again.
BIO* add_tls(BIO* bio, void* argument, int connect, int /*detail*/) {
  const auto& connection = *static_cast<const Connection*>(argument);
  const HttpTarget& target = connection.target;
  if (connection.tls == nullptr) return bio;
  if (connect == 0) {
    BIO* below = BIO_pop(bio);
    BIO_free(bio);
    return below;
  }
  if (connection.through_proxy && OSSL_HTTP_proxy_connect(bio, target.host.c_str(), target.port.c_str(), nullptr,
                                                          nullptr, time_limit, nullptr, nullptr) != 1) {
    return nullptr;
  }
  BIO* tls = BIO_new_ssl(connection.tls, 1);
  SSL* ssl = nullptr;
  if (tls != nullptr) BIO_get_ssl(tls, &ssl);
  if (ssl == nullptr || !expect_host(ssl, target.host)) {
    BIO_free(tls);
    return nullptr;
  }
  return BIO_push(tls, bio);
}

// The first of OpenSSL's errors tells what went wrong, the later ones where that was noticed.
std::string reason() {
  const char* data = nullptr;
  int flags = 0;
  const unsigned long code = ERR_peek_error_all(nullptr, nullptr, nullptr, &data, &flags);
  const char* words = ERR_SYSTEM_ERROR(code) ? g_strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
  std::string text = words != nullptr ? words : "?";
  if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') text += std::string(", ") + data;
  return text;
}

[[noreturn]] void fail(const HttpTarget& target) {
  throw Error(Errc::connection_failed, filled(_("The timestamping authority at {host} cannot be asked: {reason}."),
                                              {{"host", target.host}, {"reason", reason()}}));
}

Bytes read_all(BIO* bio) {
  Bytes all;
  std::array<unsigned char, 4096> piece;
  for (int count = 0; (count = BIO_read(bio, piece.data(), piece.size())) > 0;)
    all.insert(all.end(), piece.begin(), piece.begin() + count);
  return all;
}

}  // namespace

HttpTarget http_target(const std::string& url) {
  const ErrorQueueMark mark;
  const bool tls = url.starts_with("https://");
  char *user = nullptr, *host = nullptr, *port = nullptr, *path = nullptr, *query = nullptr;
  const bool parsed = (tls || url.starts_with("http://")) &&
                      OSSL_parse_url(url.c_str(), nullptr, &user, &host, &port, nullptr, &path, &query, nullptr) == 1;
  const Text owned_user(user), owned_host(host), owned_port(port), owned_path(path), owned_query(query);
  if (!parsed || *host == '\0') {
    throw Error(Errc::invalid_argument,
                filled(_("{url} is no address of a timestamping authority; it begins with http:// or https://."),
                       {{"url", url}}));
  }
  const bool standard = port == nullptr || *port == '\0' || std::string_view(port) == "0";
  std::string whole = *path == '/' ? path : std::string("/") + path;
  if (query != nullptr && *query != '\0') whole += std::string("?") + query;
  return {host, standard ? (tls ? "443" : "80") : port, whole, tls, {}};
}

Bytes post(const HttpTarget& target, const char* type, ByteView request, const char* answer_type) {
  ERR_clear_error();
  const TlsContext tls = target.tls ? make_tls(target.ca_file) : nullptr;
  const char* proxy = OSSL_HTTP_adapt_proxy(nullptr, nullptr, target.host.c_str(), target.tls ? 1 : 0);
  Connection connection{target, tls.get(), proxy != nullptr};
  const Bio body(BIO_new_mem_buf(request.data(), static_cast<int>(request.size())));
  require_openssl(body != nullptr);
  const Bio answer(OSSL_HTTP_transfer(nullptr, target.host.c_str(), target.port.c_str(), target.path.c_str(),
                                      target.tls ? 1 : 0, nullptr, nullptr, nullptr, nullptr, add_tls, &connection, 0,
                                      nullptr, type, body.get(), answer_type, 1, largest_answer, time_limit, 0));
  if (!answer) fail(target);
  return read_all(answer.get());
}

}  // namespace smartcmd
