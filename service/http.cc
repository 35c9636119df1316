// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/http.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/abi_guard.h"
#include "base/c_ptr.h"
#include "base/error.h"
#include "service/interface.h"

namespace smartcmd::service {

namespace {

constexpr const char* path = "/Ama.Authentication.Frontend/SCMDService.svc";
constexpr rlim_t most_descriptors = 2048;
constexpr rlim_t other_descriptors = 64;     // of database, HSM and outbox
constexpr unsigned share_of_an_address = 8;  // an eighth of the connections is the most it gets
constexpr auto sweep_interval = std::chrono::seconds(1);
constexpr std::size_t largest_request = 1U << 20;
// What is read of a request that is refused, so that its sender comes to read our answer
constexpr std::size_t most_read = 4U << 20;
constexpr std::size_t most_read_of_strangers = 128U << 10;
constexpr const char* tls_versions = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

// ---- answers ----

struct Header {
  const char* name;
  const char* value;
};

/// What is answered without the endpoint.
struct Refusal {
  unsigned status;
  const char* text;
  Header header;
};

constexpr Header plain_text{MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8"};
constexpr Header soap_text{MHD_HTTP_HEADER_CONTENT_TYPE, "text/xml; charset=utf-8"};

constexpr Refusal unauthorized{MHD_HTTP_UNAUTHORIZED,
                               "User name or password is wrong.\n",
                               {MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"SCMDService\", charset=\"UTF-8\""}};
constexpr Refusal not_found{MHD_HTTP_NOT_FOUND, "Nothing is here.\n", {}};
constexpr Refusal bad_method{MHD_HTTP_METHOD_NOT_ALLOWED,
                             "This is a SOAP 1.1 service. Its description is at ?wsdl.\n",
                             {MHD_HTTP_HEADER_ALLOW, "POST"}};
constexpr Refusal too_large{MHD_HTTP_CONTENT_TOO_LARGE, "A request has at most 1 MiB.\n", {}};
constexpr Refusal bad_type{MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "This service speaks SOAP 1.1: text/xml.\n", {}};

constexpr Refusal description{MHD_HTTP_OK, nullptr, {}};  // its text is the WSDL

using Response = CPtr<MHD_Response, MHD_destroy_response>;

MHD_Result send(MHD_Connection* connection, unsigned status, const std::string& body, const Header& type,
                const Header& extra = {}) {
  const Response response(
      MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY));
  if (!response) return MHD_NO;
  MHD_add_response_header(response.get(), type.name, type.value);
  if (extra.name) MHD_add_response_header(response.get(), extra.name, extra.value);
  return MHD_queue_response(connection, status, response.get());
}

// ---- requests ----

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : "";
}

MHD_Result look_for_wsdl(void* found, MHD_ValueKind, const char* key, const char*) {
  if (g_ascii_strcasecmp(key, "wsdl") == 0 || g_ascii_strcasecmp(key, "singleWsdl") == 0) {
    *static_cast<bool*>(found) = true;
  }
  return MHD_YES;
}

bool asks_for_wsdl(MHD_Connection* connection) {
  bool found = false;
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, look_for_wsdl, &found);
  return found;
}

/// The media type, whatever its parameters.
bool is_soap_1_1(std::string_view content_type) {
  const std::string type(content_type.substr(0, content_type.find_first_of("; ")));
  return g_ascii_strcasecmp(type.c_str(), "text/xml") == 0;
}

using Hash256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

/// Secrets are compared by their hashes: the time tells nothing about them, not even their length.
Hash256 hash_of(std::string_view text) {
  Hash256 hash{};
  SHA256(bytes_of(text).data(), text.size(), hash.data());
  return hash;
}

/// The hash of what a client writes behind "Basic " (RFC 7617 section 2).
Hash256 hash_of_credentials(const std::string& username, const SecureString& password) {
  SecureString pair(username);
  pair.push_back(':');
  for (const char octet : password.view()) pair.push_back(octet);
  std::string token = to_base64(bytes_of(pair.view()));
  const Hash256 hash = hash_of(token);
  OPENSSL_cleanse(token.data(), token.size());
  return hash;
}

/// A request while it arrives.
struct Arriving {
  const Refusal* refusal = nullptr;
  bool is_authorized = false;
  std::size_t size = 0;
  std::string body;
};

// ---- the socket ----

using Failure = CPtr<GError, g_error_free>;
using SocketAddress = CPtr<GSocketAddress, g_object_unref>;
using Socket = CPtr<GSocket, g_object_unref>;

[[noreturn]] void cannot_listen(const std::string& where, const std::string& why) {
  throw Error(Errc::configuration, "The service cannot listen on '" + where + "': " + why + ".");
}

/// The error is looked at after the call that sets it, whose result is `good`.
void check(gboolean good, GError*& error, const std::string& where) {
  const Failure failure(error);
  if (!good) cannot_listen(where, failure->message);
}

SocketAddress parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  guint64 port = 0;
  if (colon == std::string::npos ||
      !g_ascii_string_to_unsigned(text.c_str() + colon + 1, 10, 0, 65535, &port, nullptr)) {
    cannot_listen(text, "an address and a port are needed, as in 127.0.0.1:8443");
  }
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  SocketAddress address(g_inet_socket_address_new_from_string(host.c_str(), static_cast<guint>(port)));
  if (!address) cannot_listen(text, "the address has to be numeric, as in 127.0.0.1 or [::1]");
  return address;
}

Socket listen_on(const std::string& where) {
  const SocketAddress address = parse_address(where);
  GError* error = nullptr;
  Socket socket(
      g_socket_new(g_socket_address_get_family(address.get()), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error));
  check(socket != nullptr, error, where);
  check(g_socket_bind(socket.get(), address.get(), TRUE, &error), error, where);
  check(g_socket_listen(socket.get(), &error), error, where);
  return socket;
}

/// How many connections there may be at once; the limit of descriptors is raised as far as it has to be and can be.
unsigned most_connections() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = std::min(most_descriptors, limit.rlim_max);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<unsigned>(std::max(wanted, 2 * other_descriptors) - other_descriptors);
}

std::string url_of(const Socket& socket, const std::string& host) {
  const SocketAddress address(g_socket_get_local_address(socket.get(), nullptr));
  auto* bound = G_INET_SOCKET_ADDRESS(address.get());
  const CPtr<char, g_free> numeric(g_inet_address_to_string(g_inet_socket_address_get_address(bound)));
  const bool is_ipv6 = g_socket_get_family(socket.get()) == G_SOCKET_FAMILY_IPV6;
  const std::string literal = is_ipv6 ? "[" + std::string(numeric.get()) + "]" : numeric.get();
  return "https://" + (host.empty() ? literal : host) + ":" + std::to_string(g_inet_socket_address_get_port(bound)) +
         path;
}

std::string wsdl_for(const std::string& url) {
  std::string text(wsdl);
  return text.replace(text.find(wsdl_address), std::string_view(wsdl_address).size(), url);
}

}  // namespace

// ---- the server ----

class HttpServer::Server {
 public:
  Server(Options options, Endpoint& endpoint);

  const std::string& url() const { return url_; }

 private:
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* target, const char* method,
                               const char* version, const char* data, size_t* size, void** state);
  static void on_end(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode why);
  static MHD_Result on_knock(void* self, const sockaddr* peer, socklen_t size);
  static void on_connection(void* self, MHD_Connection* connection, void** state, MHD_ConnectionNotificationCode what);

  Arriving look_at(MHD_Connection* connection, const char* target, const char* method);
  const Refusal* refusal_of(MHD_Connection* connection, const char* target, const char* method, bool authorized) const;
  bool is_authorized(MHD_Connection* connection) const;
  MHD_Result take(Arriving& arriving, std::string_view data) const;
  MHD_Result answer(MHD_Connection* connection, const Arriving& arriving);
  Endpoint::Reply work(const std::string& address, std::string_view action, std::string_view body);
  void sweep(const std::stop_token& stop);

  Endpoint& endpoint_;
  std::mutex work_;  ///< the endpoint does one thing at a time
  const Hash256 credentials_;
  Connections connections_;
  std::string url_;
  std::string description_;
  CPtr<MHD_Daemon, MHD_stop_daemon> daemon_;  // after what its threads use
  std::jthread sweeper_;
};

HttpServer::Server::Server(Options options, Endpoint& endpoint)
    : endpoint_(endpoint),
      credentials_(hash_of_credentials(options.username, options.password)),
      connections_(options.limits, std::move(options.clock)) {
  const Socket socket = listen_on(options.listen);
  url_ = url_of(socket, options.host);
  description_ = wsdl_for(url_);
  options.tls_key.push_back('\0');
  const unsigned connections = most_connections();
  // The daemon closes its descriptor itself; it reads key and certificate before the call returns.
  daemon_.reset(MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_TLS, 0, on_knock, this, on_request,
      this,                                                                                                //
      MHD_OPTION_LISTEN_SOCKET, fcntl(g_socket_get_fd(socket.get()), F_DUPFD_CLOEXEC, 0),                  //
      MHD_OPTION_NOTIFY_COMPLETED, on_end, this, MHD_OPTION_NOTIFY_CONNECTION, on_connection, this,        //
      MHD_OPTION_CONNECTION_LIMIT, connections,                                                            //
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections / share_of_an_address,                               //
      MHD_OPTION_HTTPS_PRIORITIES, tls_versions, MHD_OPTION_HTTPS_MEM_KEY, options.tls_key.view().data(),  //
      MHD_OPTION_HTTPS_MEM_CERT, options.tls_certificate.c_str(), MHD_OPTION_END));
  if (!daemon_) cannot_listen(options.listen, "TLS key and certificate may not belong together");
  sweeper_ = std::jthread([this](const std::stop_token& stop) { sweep(stop); });
}

void HttpServer::Server::sweep(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    never.wait_for(lock, stop, sweep_interval, [] { return false; });
    connections_.shut_late();
  }
}

MHD_Result HttpServer::Server::on_knock(void* self, const sockaddr* peer, socklen_t) {
  return static_cast<const Server*>(self)->connections_.admits(peer) ? MHD_YES : MHD_NO;
}

void HttpServer::Server::on_connection(void* self, MHD_Connection* connection, void**,
                                       MHD_ConnectionNotificationCode what) {
  Connections& connections = static_cast<Server*>(self)->connections_;
  if (what == MHD_CONNECTION_NOTIFY_CLOSED) return connections.end(connection);
  const int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  connections.begin(connection, socket,
                    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
}

MHD_Result HttpServer::Server::on_request(void* self, MHD_Connection* connection, const char* target,
                                          const char* method, const char*, const char* data, size_t* size,
                                          void** state) {
  Server& server = *static_cast<Server*>(self);
  const auto handle = [&] {
    if (!*state) {
      *state = new Arriving(server.look_at(connection, target, method));
      return MHD_YES;
    }
    Arriving& arriving = *static_cast<Arriving*>(*state);
    if (*size == 0) return server.answer(connection, arriving);
    return server.take(arriving, {data, std::exchange(*size, 0)});
  };
  return abi_guard(
      handle, [](const Error&) { return MHD_NO; }, MHD_NO);
}

void HttpServer::Server::on_end(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode) {
  static_cast<Server*>(self)->connections_.on_end(connection);
  const std::unique_ptr<Arriving> arrived(static_cast<Arriving*>(std::exchange(*state, nullptr)));
}

/// Looks at a request's header, before a body is accepted.
Arriving HttpServer::Server::look_at(MHD_Connection* connection, const char* target, const char* method) {
  const bool authorized = is_authorized(connection);
  connections_.on_header(connection, authorized);
  return {refusal_of(connection, target, method, authorized), authorized, 0, {}};
}

/// What its header alone says against a request; nothing when its body is wanted. The description of the interface is
/// public, everything else needs the password.
const Refusal* HttpServer::Server::refusal_of(MHD_Connection* connection, const char* target, const char* method,
                                              bool authorized) const {
  if (g_ascii_strcasecmp(target, path) != 0) return &not_found;
  if (std::string_view(method) == MHD_HTTP_METHOD_GET && asks_for_wsdl(connection)) return &description;
  if (!authorized) return &unauthorized;
  if (std::string_view(method) != MHD_HTTP_METHOD_POST) return &bad_method;
  if (!is_soap_1_1(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE))) return &bad_type;
  return nullptr;
}

bool HttpServer::Server::is_authorized(MHD_Connection* connection) const {
  constexpr std::string_view scheme = "basic ";
  const std::string_view value = header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
  if (g_ascii_strncasecmp(value.data(), scheme.data(), scheme.size()) != 0) return false;
  const Hash256 given = hash_of(value.substr(scheme.size()));
  return CRYPTO_memcmp(given.data(), credentials_.data(), given.size()) == 0;
}

/// The body of a refused request is read, so that its sender comes to read our answer, but not kept.
MHD_Result HttpServer::Server::take(Arriving& arriving, std::string_view data) const {
  arriving.size += data.size();
  if (arriving.size > (arriving.is_authorized ? most_read : most_read_of_strangers)) return MHD_NO;
  if (arriving.size > largest_request && !arriving.refusal) arriving.refusal = &too_large;
  if (!arriving.refusal) arriving.body += data;
  return MHD_YES;
}

MHD_Result HttpServer::Server::answer(MHD_Connection* connection, const Arriving& arriving) {
  if (const Refusal* refusal = arriving.refusal) {
    g_printerr("smartcmdd: - %u -\n", refusal->status);
    if (refusal == &description) return send(connection, refusal->status, description_, soap_text);
    return send(connection, refusal->status, refusal->text, plain_text, refusal->header);
  }
  connections_.on_work(connection);
  const Endpoint::Reply reply = work(connections_.address(connection), header(connection, "SOAPAction"), arriving.body);
  connections_.on_answer(connection);
  g_printerr("smartcmdd: %s\n", reply.log.c_str());
  return send(connection, reply.http_status, reply.body, soap_text);
}

Endpoint::Reply HttpServer::Server::work(const std::string& address, std::string_view action, std::string_view body) {
  const std::lock_guard lock(work_);
  return endpoint_.answer(address, action, body);
}

void check_address(const std::string& listen) {
  parse_address(listen);
}

HttpServer::HttpServer(Options options, Endpoint& endpoint)
    : server_(std::make_unique<Server>(std::move(options), endpoint)) {}

HttpServer::~HttpServer() = default;

const std::string& HttpServer::url() const {
  return server_->url();
}

}  // namespace smartcmd::service
