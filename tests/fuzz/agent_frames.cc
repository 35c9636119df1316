// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What the agent is sent by whoever has started it, and what comes back.

#include <sys/socket.h>

#include <array>

#include "base/file_descriptor.h"
#include "signing/agent_protocol.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd {
namespace {

/// Two ends, so large that no frame here has to wait for the other.
class Connection {
 public:
  Connection() {
    std::array<int, 2> ends{};
    fuzz::require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "a connection is made");
    near = FileDescriptor(ends[0]);
    far = FileDescriptor(ends[1]);
    constexpr int size = 1 << 20;
    setsockopt(near.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  FileDescriptor near, far;
};

/// What `receive` makes of the octets and the end of the connection; nothing where it refuses them.
template <class Receive>
auto received(ByteView octets, Receive receive) {
  Connection connection;
  const ssize_t sent = send(connection.near.get(), octets.data(), octets.size(), MSG_DONTWAIT);
  fuzz::require(sent == static_cast<ssize_t>(octets.size()), "the octets fit into the connection");
  connection.near.close();
  std::optional<decltype(receive(0))> message;
  fuzz::taken([&] { message = receive(connection.far.get()); });
  return message;
}

bool same(const AgentRequest& a, const AgentRequest& b) {
  const auto same_document = [](const Document& one, const Document& other) {
    return one.name == other.name && one.digest == other.digest && one.content == other.content;
  };
  return a.verb == b.verb && a.config_file == b.config_file && a.account == b.account && a.program == b.program &&
         std::equal(a.documents.begin(), a.documents.end(), b.documents.begin(), b.documents.end(), same_document) &&
         a.pin.view() == b.pin.view() && a.open_document == b.open_document && a.at_terminal == b.at_terminal;
}

bool same(const AgentReply& a, const AgentReply& b) {
  const auto* error = std::get_if<Error>(&a);
  const auto* other = std::get_if<Error>(&b);
  if (error == nullptr || other == nullptr) {
    return a.index() == b.index() && (std::holds_alternative<std::string>(a)
                                          ? std::get<std::string>(a) == std::get<std::string>(b)
                                          : std::get<std::vector<Signature>>(a) == std::get<std::vector<Signature>>(b));
  }
  return error->code() == other->code() && error->message() == other->message() &&
         error->service_code() == other->service_code();
}

template <class Message>
void expect_again(const Message& message, void (*send)(int, const Message&), Message (*receive)(int)) {
  Connection connection;
  send(connection.near.get(), message);
  fuzz::require(same(receive(connection.far.get()), message), "what is sent is received");
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  if (size > 100'000) return 0;
  if (const auto request = received({data, size}, receive_request))
    expect_again(*request, send_request, receive_request);
  if (const auto reply = received({data, size}, receive_reply)) expect_again(*reply, send_reply, receive_reply);
  return 0;
}
