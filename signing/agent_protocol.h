// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/secure_string.h"
#include "signing/document.h"

namespace smartcmd {

/// What an edge asks of smartcmd-agent: the one definition of the messages between them. Messages are GVariant values,
/// checked for type and normal form, in frames of a kind (1 octet), a length (4 octets, big endian) and a content of at
/// most `max_frame` octets. A secret travels in a frame of its own, straight between SecureStrings.
struct AgentRequest {
  enum class Verb : std::uint8_t {
    fetch_certificates = 1,  ///< the account's chain as the service gives it
    sign = 2,                ///< signatures for `documents`, in their order
    enrol_with_pin = 3,      ///< the account's chain, released with PIN and one-time password
    tell_version = 4,        ///< the agent's version; no configuration is read
    check_prompter = 5,      ///< nothing, or Errc::no_prompt when nothing can ask the person; nobody is asked
    check_service = 6,       ///< nothing, or why the service named in `account` cannot be used; nobody is asked
  };
  Verb verb;
  std::string config_file;  ///< what Config::load is given
  std::string account;
  std::string program;  ///< the host, for the prompts
  std::vector<Document> documents;
  SecureString pin;           ///< given by the application; empty when the agent must ask
  std::string open_document;  ///< the only one the host has open, where it does not name what it signs; a hint
  bool at_terminal;           ///< the host's standard error is a terminal: the person looks there
};

/// What smartcmd-agent answers: a text (a chain in PEM, a version), signatures in the order of the documents, or an
/// error.
using AgentReply = std::variant<std::string, std::vector<Signature>, Error>;

inline constexpr std::size_t max_frame = 1U << 20;

/// The descriptor on which smartcmd-agent finds its socket.
inline constexpr int agent_socket = 3;

/// Both directions over a connected stream socket. Sending raises no SIGPIPE. All throw Errc::agent_failed when the
/// peer is gone or what it sends is no message of ours.
void send_request(int socket, const AgentRequest& request);
AgentRequest receive_request(int socket);
void send_reply(int socket, const AgentReply& reply);
AgentReply receive_reply(int socket);

}  // namespace smartcmd
