// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/connections.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace smartcmd::service {

namespace {

/// The address's octets, also where one of IPv4 comes in one of IPv6 because the service listens on [::]. Of IPv6 the
/// half that a provider gives to one customer: the rest is his to choose.
std::string address_of(const sockaddr* peer) {
  constexpr std::size_t prefix = 8, before_ipv4 = 12;
  if (peer->sa_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in*>(peer)->sin_addr;
    return {reinterpret_cast<const char*>(&address), sizeof address};
  }
  if (peer->sa_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(peer)->sin6_addr;
    const std::string_view octets(reinterpret_cast<const char*>(&address), sizeof address);
    return std::string(IN6_IS_ADDR_V4MAPPED(&address) ? octets.substr(before_ipv4) : octets.substr(0, prefix));
  }
  return {};
}

}  // namespace

bool Connections::admits(const sockaddr* peer) const {
  const std::string address = address_of(peer);
  const std::lock_guard lock(mutex_);
  const auto strangers = std::count_if(table_.begin(), table_.end(), [&address](const auto& one) {
    return !one.second.is_known && one.second.address == address;
  });
  return strangers < static_cast<std::ptrdiff_t>(limits_.strangers_of_an_address);
}

void Connections::begin(Id id, int socket, const sockaddr* peer) {
  const std::lock_guard lock(mutex_);
  table_.insert_or_assign(id, Connection{socket, address_of(peer), false, clock_() + limits_.stranger});
}

std::string Connections::address(Id id) const {
  const std::lock_guard lock(mutex_);
  const auto place = table_.find(id);
  return place != table_.end() ? place->second.address : std::string();
}

void Connections::on_header(Id id, bool authorized) {
  const std::lock_guard lock(mutex_);
  const auto place = table_.find(id);
  if (place == table_.end()) return;
  place->second.is_known = place->second.is_known || authorized;
  place->second.deadline = clock_() + (authorized ? limits_.request : limits_.stranger);
}

void Connections::on_work(Id id) {
  const std::lock_guard lock(mutex_);
  const auto place = table_.find(id);
  if (place != table_.end()) place->second.deadline.reset();
}

void Connections::on_answer(Id id) {
  limit(id, limits_.request, limits_.stranger);
}

void Connections::on_end(Id id) {
  limit(id, limits_.next, limits_.stranger);
}

void Connections::end(Id id) {
  const std::lock_guard lock(mutex_);
  table_.erase(id);
}

void Connections::shut_late() const {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_();
  for (const auto& [id, connection] : table_) {
    if (connection.deadline && now >= *connection.deadline) shutdown(connection.socket, SHUT_RDWR);
  }
}

void Connections::limit(Id id, std::chrono::seconds known, std::chrono::seconds stranger) {
  const std::lock_guard lock(mutex_);
  const auto place = table_.find(id);
  if (place == table_.end()) return;
  place->second.deadline = clock_() + (place->second.is_known ? known : stranger);
}

}  // namespace smartcmd::service
