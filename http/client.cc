// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "http/client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/c_ptr.h"
#include "base/text.h"
#include "http/curl_errors.h"

namespace smartcmd::http {

namespace {

/// Idle connections are closed after a minute by many a proxy on the way; a request into a connection that is just
/// being closed would be lost, and it cannot be sent again. So an older one is not used any more.
constexpr long longest_idle_seconds = 50;

void must(CURLMcode code) {
  if (code != CURLM_OK)
    throw Error(Errc::internal, filled(_("libcurl failed: {reason}."), {{"reason", curl_multi_strerror(code)}}));
}

using UrlText = CPtr<char, curl_free>;

UrlText part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  curl_url_get(url, part, &text, flags);
  return UrlText(text);
}

/// The host of the proxy that the environment names, or the one given; its password stays where it is.
std::string proxy_host(const std::string& given, bool tls) {
  constexpr const char* for_tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  constexpr const char* for_plain[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
  const char* proxy = given.empty() ? nullptr : given.c_str();
  const auto look = [&](const auto& names) {  // as libcurl does
    for (const char* name : names)
      if (proxy == nullptr) proxy = std::getenv(name);
  };
  tls ? look(for_tls) : look(for_plain);
  const CPtr<CURLU, curl_url_cleanup> url(curl_url());
  curl_url_set(url.get(), CURLUPART_URL, proxy, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
  const UrlText host = part_of(url.get(), CURLUPART_HOST);
  return host ? host.get() : "";
}

/// The header fields of one request.
class Headers {
 public:
  void add(const std::string& line) {
    // With a line break in it, it would be two.
    if (line.find_first_of("\r\n") != std::string::npos)
      throw Error(Errc::invalid_argument, _("A header field of a request has a line break."));
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    (void)list_.release();
    list_.reset(longer);
  }
  curl_slist* get() const { return list_.get(); }

 private:
  CPtr<curl_slist, curl_slist_free_all> list_;
};

}  // namespace

std::optional<Place> place_of(const std::string& address) {
  // libcurl would take a name from behind a third slash.
  if (const std::size_t mark = address.find("://"); mark == address.npos || address.substr(mark + 3).starts_with('/'))
    return std::nullopt;
  const CPtr<CURLU, curl_url_cleanup> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const UrlText scheme = part_of(url.get(), CURLUPART_SCHEME);
  const UrlText host = part_of(url.get(), CURLUPART_HOST);
  const UrlText port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const std::string_view name = scheme ? scheme.get() : "";
  if ((name != "https" && name != "http") || !host || !port) return std::nullopt;
  return Place{name == "https", host.get(), static_cast<unsigned>(std::strtoul(port.get(), nullptr, 10))};
}

/// One libcurl handle with its connection, and what is known of the request that it sent last.
class Client::Wire {
 public:
  explicit Wire(Options options);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void log_in(const std::string& username, const SecureString& password);
  Response send(const Request& request);
  Error refusal(const Response& response) const;

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_trust();
  void set_limits();
  void set_streams();
  void set_method(const Request& request);
  CURLcode exchange(const Request& request);
  CURLcode run();
  bool cancelled() const;
  bool was_sent() const;
  long info(CURLINFO what) const;
  std::string proxy_tried() const;
  Error explain(CURLcode code) const;
  Error with_outcome(const Error& error) const;
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t give(char* to, std::size_t size, std::size_t count, void* self);
  static int rewind(void* self, curl_off_t offset, int origin);
  static std::size_t take(char* from, std::size_t size, std::size_t count, void* self);

  CPtr<CURLM, curl_multi_cleanup> connections_;
  CPtr<CURL, curl_easy_cleanup> handle_;
  const Options options_;
  Place place_{};
  Effect effect_ = Effect::none;
  unsigned port_tried_ = 0;  ///< of the last connection begun
  std::string_view unsent_;  ///< what is left of the body
  bool has_body_ = false;
  bool sent_ = false;  ///< whether any of the body has left
  std::string answer_;
  char reason_[CURL_ERROR_SIZE] = {};  ///< libcurl's own words about the last failure
};

Client::Client(Options options) : wire_(std::make_unique<Wire>(std::move(options))) {}

Client::~Client() = default;

void Client::log_in(const std::string& username, const SecureString& password) {
  wire_->log_in(username, password);
}

Response Client::send(const Request& request) {
  return wire_->send(request);
}

Error Client::refusal(const Response& response) const {
  return wire_->refusal(response);
}

// ---- what holds for all requests ------------------------------------------------------------------------------------

template <class Value>
void Client::Wire::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle_.get(), option, value);
  if (code != CURLE_OK)
    throw Error(Errc::internal, filled(_("libcurl failed: {reason}."), {{"reason", curl_easy_strerror(code)}}));
}

Client::Wire::Wire(Options options) : options_(std::move(options)) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  signal(SIGPIPE, SIG_IGN);  // told to leave signals alone, libcurl lets OpenSSL raise it on a connection that broke
  connections_.reset(ready == CURLE_OK ? curl_multi_init() : nullptr);
  handle_.reset(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!connections_ || !handle_) throw std::bad_alloc();

  set(CURLOPT_PROTOCOLS_STR, options_.allow_plain ? "https,http" : "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  if (!options_.proxy.empty()) set(CURLOPT_PROXY, options_.proxy.c_str());
  set(CURLOPT_OPENSOCKETFUNCTION, &Wire::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_ERRORBUFFER, &reason_[0]);
  set_trust();
  set_limits();
  set_streams();
}

void Client::Wire::set_trust() {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    set(CURLOPT_CAINFO, options_.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // else the system's authorities would count as well
  }
}

void Client::Wire::set_limits() {
  using std::chrono::milliseconds;
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(milliseconds(options_.connect_timeout).count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds(options_.request_timeout).count()));
  set(CURLOPT_MAXAGE_CONN, longest_idle_seconds);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name that does not resolve must not hold up a cancelled request
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.largest_answer));
}

void Client::Wire::set_streams() {
  // The body is given piece by piece and there is no way back in it. libcurl repeats a request by itself when a kept
  // connection turns out to be dead; a request it cannot rewind it does not repeat once any of it has left.
  set(CURLOPT_READFUNCTION, &Wire::give);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &Wire::rewind);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Wire::take);
  set(CURLOPT_WRITEDATA, this);
}

void Client::Wire::log_in(const std::string& username, const SecureString& password) {
  // Basic alone is sent unasked: no request goes out twice for a 401.
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(CURLOPT_USERNAME, username.c_str());
  SecureString terminated = password.copy();
  terminated.push_back('\0');
  set(CURLOPT_PASSWORD, terminated.view().data());
}

// ---- one request ----------------------------------------------------------------------------------------------------

Response Client::Wire::send(const Request& request) {
  const std::optional<Place> place = place_of(request.url);
  if (!place || (!place->tls && !options_.allow_plain)) {
    throw Error(
        Errc::configuration,
        with_advice(filled(_("'{url}' is not an https:// address."), {{"url", request.url}}), options_.advice.address));
  }
  place_ = *place;
  effect_ = request.effect;
  CURLcode code = exchange(request);
  if (code == CURLE_COULDNT_CONNECT && effect_ == Effect::none) code = exchange(request);
  if (code != CURLE_OK) throw with_outcome(explain(code));
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  return {info(CURLINFO_RESPONSE_CODE), type != nullptr ? type : "", std::move(answer_)};
}

CURLcode Client::Wire::exchange(const Request& request) {
  Headers headers;
  for (const std::string& line : request.headers) headers.add(line);
  headers.add("Expect:");
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_HTTPHEADER, headers.get());
  set_method(request);
  unsent_ = request.body;
  sent_ = false;
  port_tried_ = 0;
  answer_.clear();
  reason_[0] = '\0';
  return run();
}

// What has no body libcurl would repeat on a new connection by itself: where it must not, there is no old one.
void Client::Wire::set_method(const Request& request) {
  has_body_ = !request.body.empty();
  const bool post = has_body_ || request.method == "POST";
  set(post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
  if (post) set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_FRESH_CONNECT, !has_body_ && effect_ == Effect::possible ? 1L : 0L);
}

CURLcode Client::Wire::run() {
  struct Attachment {  // a request given up in any way closes its connection
    CURLM* connections;
    CURL* handle;
    Attachment(CURLM* m, CURL* h) : connections(m), handle(h) { must(curl_multi_add_handle(m, h)); }
    ~Attachment() { curl_multi_remove_handle(connections, handle); }
  };
  if (cancelled()) throw Error(Errc::cancelled, _("Cancelled before the request was sent."));
  const Attachment attachment(connections_.get(), handle_.get());
  for (;;) {
    int running = 0;
    int queued = 0;
    must(curl_multi_perform(connections_.get(), &running));
    if (const CURLMsg* message = curl_multi_info_read(connections_.get(), &queued)) return message->data.result;
    curl_waitfd cancel{options_.cancel_fd, CURL_WAIT_POLLIN, 0};
    must(curl_multi_poll(connections_.get(), &cancel, options_.cancel_fd < 0 ? 0 : 1, 60000, nullptr));
    if (cancelled()) throw Error(Errc::cancelled, _("Cancelled while the service was being asked."));
  }
}

bool Client::Wire::cancelled() const {
  pollfd end{options_.cancel_fd, POLLIN, 0};  // of a negative descriptor poll() says nothing
  return poll(&end, 1, 0) > 0;
}

long Client::Wire::info(CURLINFO what) const {
  long value = 0;
  curl_easy_getinfo(handle_.get(), what, &value);
  return value;
}

curl_socket_t Client::Wire::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const auto* generic = &address->addr;
  const in_port_t port = generic->sa_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(generic)->sin6_port
                                                        : reinterpret_cast<const sockaddr_in*>(generic)->sin_port;
  static_cast<Wire*>(self)->port_tried_ = ntohs(port);
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Client::Wire::give(char* to, std::size_t size, std::size_t count, void* self) {
  auto& wire = *static_cast<Wire*>(self);
  const std::size_t length = std::min(size * count, wire.unsent_.size());
  std::memcpy(to, wire.unsent_.data(), length);
  wire.unsent_.remove_prefix(length);
  wire.sent_ = true;
  return length;
}

// libcurl 8 also rewinds at the beginning of the request after one it could not rewind.
int Client::Wire::rewind(void* self, curl_off_t, int) {
  return static_cast<const Wire*>(self)->sent_ ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

std::size_t Client::Wire::take(char* from, std::size_t size, std::size_t count, void* self) {
  auto& wire = *static_cast<Wire*>(self);
  if (wire.answer_.size() + size * count > wire.options_.largest_answer) return 0;  // ends in CURLE_WRITE_ERROR
  wire.answer_.append(from, size * count);
  return size * count;
}

// ---- what went wrong ------------------------------------------------------------------------------------------------

/// libcurl says from 8.7 on only whether it went to a proxy (CURLINFO_USED_PROXY); the port it went to always does.
std::string Client::Wire::proxy_tried() const {
  if (port_tried_ == 0 || port_tried_ == place_.port) return {};
  return proxy_host(options_.proxy, place_.tls) + ":" + std::to_string(port_tried_);
}

Error Client::Wire::explain(CURLcode code) const {
  const std::string address = place_.host + ":" + std::to_string(place_.port);
  return to_error({code, reason_, place_.host, address, proxy_tried(), info(CURLINFO_HTTP_CONNECTCODE),
                   info(CURLINFO_HEADER_SIZE) > 0},
                  options_.advice);
}

Error Client::Wire::refusal(const Response& response) const {
  if (response.status == 407)
    return to_error({CURLE_OK, {}, place_.host, {}, {}, response.status, true}, options_.advice);
  const std::string sentence =
      filled(_("{host} answered with HTTP status {status}, which is no answer of the service. Try again later."),
             {{"host", place_.host}, {"status", std::to_string(response.status)}});
  const Error error(Errc::http_failure, with_advice(sentence, options_.advice.address));
  return response.status >= 500 ? with_outcome(error) : error;
}

/// Whether the other end may have the request.
bool Client::Wire::was_sent() const {
  if (has_body_) return sent_;
  curl_off_t ready = 0;  // microseconds until it could be sent
  curl_easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &ready);
  return ready > 0;
}

Error Client::Wire::with_outcome(const Error& error) const {
  if (effect_ == Effect::none || !was_sent()) return error;
  return {error.code(), error.message() + " " +
                            _("The request had been sent, so it is not known whether the service acted on it; it is "
                              "not sent again by itself.")};
}

}  // namespace smartcmd::http
