// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace smartcmd::service {

/// The connections there are, and how long each may take for what it does: all of it, however it dribbles. Time in
/// which the service works on an answer is not counted. Any thread may call.
class Connections {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Clock = std::function<TimePoint()>;
  /// Stands for a connection from begin() to end().
  using Id = const void*;

  struct Limits {
    std::chrono::seconds stranger{10};      ///< to greet and to send a request's header; again to send its body
    std::chrono::seconds request{30};       ///< to send a body with the password; to read the answer
    std::chrono::seconds next{180};         ///< from an answer to the next header, once the password was given
    unsigned strangers_of_an_address = 64;  ///< connections that have not given the password
  };

  explicit Connections(Limits limits, Clock clock = std::chrono::steady_clock::now)
      : limits_(limits), clock_(std::move(clock)) {}

  /// Whether another connection may come from there.
  bool admits(const sockaddr* peer) const;
  /// A connection began. Its socket is closed after end(), by its owner.
  void begin(Id id, int socket, const sockaddr* peer);
  /// Where it comes from: the octets of the address, of IPv6 those of the customer's network.
  std::string address(Id id) const;
  /// A request's header is here; `authorized` says whether the password was in it.
  void on_header(Id id, bool authorized);
  /// The request is here and the service is about to work.
  void on_work(Id id);
  /// The answer is on its way.
  void on_answer(Id id);
  /// The request is over, and another may come.
  void on_end(Id id);
  void end(Id id);

  /// Shuts down the sockets of those whose time is over; their owner notices and ends them.
  void shut_late() const;

 private:
  struct Connection {
    int socket;
    std::string address;
    bool is_known = false;              ///< whether it gave the password once
    std::optional<TimePoint> deadline;  ///< none while the service works
  };
  void limit(Id id, std::chrono::seconds known, std::chrono::seconds stranger);

  const Limits limits_;
  const Clock clock_;
  mutable std::mutex mutex_;
  std::map<Id, Connection> table_;
};

}  // namespace smartcmd::service
