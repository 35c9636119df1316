// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/transport.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/text.h"
#include "soap-client/curl_errors.h"
#include "soap-client/status.h"

namespace smartcmd {

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

/// Of an https:// address; nothing else is let through to libcurl.
Transport::Endpoint endpoint_of(const std::string& address) {
  const CPtr<CURLU, curl_url_cleanup> url(curl_url());
  curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0);
  const UrlText scheme = part_of(url.get(), CURLUPART_SCHEME);
  const UrlText host = part_of(url.get(), CURLUPART_HOST);
  const UrlText port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || std::string_view(scheme.get()) != "https" || !host || !port) {
    throw Error(Errc::configuration, filled(_("The endpoint of the service, '{endpoint}', is not an https:// address."),
                                            {{"endpoint", address}}));
  }
  return {host.get(), static_cast<unsigned>(std::strtoul(port.get(), nullptr, 10))};
}

/// The host of the proxy that the environment names, or the one given; its password stays where it is.
std::string proxy_host(const std::string& given) {
  const char* proxy = given.empty() ? nullptr : given.c_str();
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})  // as libcurl looks for it
    if (proxy == nullptr) proxy = std::getenv(name);
  const CPtr<CURLU, curl_url_cleanup> url(curl_url());
  curl_url_set(url.get(), CURLUPART_URL, proxy, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
  const UrlText host = part_of(url.get(), CURLUPART_HOST);
  return host ? host.get() : "";
}

/// The header fields of one request.
class Headers {
 public:
  void add(const std::string& line) {
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

template <class Value>
void Transport::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle_.get(), option, value);
  if (code != CURLE_OK)
    throw Error(Errc::internal, filled(_("libcurl failed: {reason}."), {{"reason", curl_easy_strerror(code)}}));
}

Transport::Transport(const Service& service, const SecureString& password, int cancel_fd)
    : endpoint_(endpoint_of(service.endpoint)), proxy_(service.proxy), cancel_fd_(cancel_fd) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  signal(SIGPIPE, SIG_IGN);  // told to leave signals alone, libcurl lets OpenSSL raise it on a connection that broke
  connections_.reset(ready == CURLE_OK ? curl_multi_init() : nullptr);
  handle_.reset(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!connections_ || !handle_) throw std::bad_alloc();

  set(CURLOPT_URL, service.endpoint.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  if (!proxy_.empty()) set(CURLOPT_PROXY, proxy_.c_str());
  set(CURLOPT_OPENSOCKETFUNCTION, &Transport::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_ERRORBUFFER, &reason_[0]);
  set_trust(service);
  set_credentials(service, password);
  set_limits(service);
  set_streams();
}

void Transport::set_trust(const Service& service) {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!service.ca_file.empty()) {
    set(CURLOPT_CAINFO, service.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // else the system's authorities would count as well
  }
}

void Transport::set_credentials(const Service& service, const SecureString& password) {
  // Basic alone is sent unasked: no request goes out twice for a 401.
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(CURLOPT_USERNAME, service.username.c_str());
  SecureString terminated = password.copy();
  terminated.push_back('\0');
  set(CURLOPT_PASSWORD, terminated.view().data());
}

void Transport::set_limits(const Service& service) {
  using std::chrono::milliseconds;
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(milliseconds(service.connect_timeout).count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds(service.request_timeout).count()));
  set(CURLOPT_MAXAGE_CONN, longest_idle_seconds);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name that does not resolve must not hold up a cancelled request
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(wire::max_envelope));
}

void Transport::set_streams() {
  // The envelope is given piece by piece and there is no way back in it. libcurl repeats a request by itself when a
  // kept connection turns out to be dead; a request it cannot rewind it does not repeat once any of it has left.
  set(CURLOPT_POST, 1L);
  set(CURLOPT_READFUNCTION, &Transport::give);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &Transport::rewind);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transport::take);
  set(CURLOPT_WRITEDATA, this);
}

std::string Transport::post(std::string_view soap_action, std::string_view envelope, Effect effect) {
  CURLcode code = exchange(soap_action, envelope);
  if (code == CURLE_COULDNT_CONNECT && effect == Effect::none) code = exchange(soap_action, envelope);
  check(code, effect);
  check_http_status(effect);
  return std::move(answer_);
}

CURLcode Transport::exchange(std::string_view soap_action, std::string_view envelope) {
  Headers headers;
  headers.add("Content-Type: text/xml; charset=utf-8");
  headers.add("SOAPAction: \"" + std::string(soap_action) + "\"");
  headers.add("Expect:");
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(envelope.size()));
  unsent_ = envelope;
  sent_ = false;
  port_tried_ = 0;
  answer_.clear();
  reason_[0] = '\0';
  return run();
}

CURLcode Transport::run() {
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
    curl_waitfd cancel{cancel_fd_, CURL_WAIT_POLLIN, 0};
    must(curl_multi_poll(connections_.get(), &cancel, cancel_fd_ < 0 ? 0 : 1, 60000, nullptr));
    if (cancelled()) throw Error(Errc::cancelled, _("Cancelled while the service was being asked."));
  }
}

bool Transport::cancelled() const {
  pollfd end{cancel_fd_, POLLIN, 0};  // of a negative descriptor poll() says nothing
  return poll(&end, 1, 0) > 0;
}

long Transport::info(CURLINFO what) const {
  long value = 0;
  curl_easy_getinfo(handle_.get(), what, &value);
  return value;
}

curl_socket_t Transport::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const auto* generic = &address->addr;
  const in_port_t port = generic->sa_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(generic)->sin6_port
                                                        : reinterpret_cast<const sockaddr_in*>(generic)->sin_port;
  static_cast<Transport*>(self)->port_tried_ = ntohs(port);
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transport::give(char* to, std::size_t size, std::size_t count, void* self) {
  auto& transport = *static_cast<Transport*>(self);
  const std::size_t length = std::min(size * count, transport.unsent_.size());
  std::memcpy(to, transport.unsent_.data(), length);
  transport.unsent_.remove_prefix(length);
  transport.sent_ = true;
  return length;
}

// libcurl 8 also rewinds at the beginning of the request after one it could not rewind.
int Transport::rewind(void* self, curl_off_t, int) {
  return static_cast<const Transport*>(self)->sent_ ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

std::size_t Transport::take(char* from, std::size_t size, std::size_t count, void* self) {
  auto& transport = *static_cast<Transport*>(self);
  if (transport.answer_.size() + size * count > wire::max_envelope) return 0;  // ends in CURLE_WRITE_ERROR
  transport.answer_.append(from, size * count);
  return size * count;
}

// ---- what went wrong ----

/// libcurl says from 8.7 on only whether it went to a proxy (CURLINFO_USED_PROXY); the port it went to always does.
std::string Transport::proxy_tried() const {
  if (port_tried_ == 0 || port_tried_ == endpoint_.port) return {};
  return proxy_host(proxy_) + ":" + std::to_string(port_tried_);
}

void Transport::check(CURLcode code, Effect effect) const {
  if (code == CURLE_OK) return;
  const std::string address = endpoint_.host + ":" + std::to_string(endpoint_.port);
  refuse(to_error({code, reason_, endpoint_.host, address, proxy_tried(), info(CURLINFO_HTTP_CONNECTCODE),
                   info(CURLINFO_HEADER_SIZE) > 0}),
         effect);
}

void Transport::check_http_status(Effect effect) const {
  const long status = info(CURLINFO_RESPONSE_CODE);
  if (status == 200) return;
  if (status == 401) {
    throw Error(
        Errc::credentials_refused,
        filled(_("{host} refused the user name and password of this application. Check 'username' and 'password-file' "
                 "in the configuration."),
               {{"host", endpoint_.host}}));
  }
  if (status == 407) throw to_error({CURLE_OK, {}, endpoint_.host, {}, {}, status, true});
  if (status == 500) check_fault();
  const Error error(
      Errc::http_failure,
      filled(_("{host} answered with HTTP status {status}, which is no answer of the service. Check 'endpoint' in the "
               "configuration, or try again later."),
             {{"host", endpoint_.host}, {"status", std::to_string(status)}}));
  refuse(error, status >= 500 ? effect : Effect::none);
}

void Transport::check_fault() const {
  std::optional<wire::Envelope> envelope;
  try {
    envelope.emplace(answer_);
  } catch (const Error&) {
    return;  // a page for people
  }
  require_no_fault(*envelope);
}

void Transport::refuse(const Error& error, Effect effect) const {
  if (effect == Effect::none || !sent_) throw error;
  throw Error(error.code(),
              error.message() + " " +
                  _("The request had been sent, so it is not known whether the service acted on it; it is "
                    "not sent again by itself."));
}

}  // namespace smartcmd
