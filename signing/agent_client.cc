// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/agent_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "base/child_process.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "base/user.h"

namespace smartcmd {

namespace {

// How often the agent is looked at where there is no descriptor to wait for.
constexpr int look_again_milliseconds = 100;

std::string agent_path() {
  const char* path = secure_getenv("SMARTCMD_AGENT");
  return path != nullptr ? path : SMARTCMD_AGENT_PATH;
}

// ---- the agent's environment ----------------------------------------------------------------------------------------

constexpr std::string_view path_variable = "PATH=/usr/local/bin:/usr/bin:/bin";

// What a variable's name must be to reach the agent; '*' stands for the rest, at the end or at the beginning.

constexpr std::string_view harmless_variables[] = {"LANG", "LANGUAGE", "LC_*", "TERM"};

/// Where the environment is trusted
constexpr std::string_view trusted_variables[] = {
    "HOME",
    "USER",
    "LOGNAME",
    "TZ",
    "TMPDIR",
    "LOCPATH",
    "GPG_TTY",
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_*",
    "*_proxy",
    "*_PROXY",
    "SMARTCMD_*",
    // Sanitizers read these in builds that are made for tests, and nothing does in others.
    "ASAN_OPTIONS",
    "LSAN_OPTIONS",
    "TSAN_OPTIONS",
    "UBSAN_OPTIONS",
};

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  if (pattern.starts_with('*')) return name.ends_with(pattern.substr(1));
  return name == pattern;
}

template <std::size_t n>
bool matches_any(std::string_view name, const std::string_view (&patterns)[n]) {
  return std::any_of(std::begin(patterns), std::end(patterns),
                     [name](std::string_view pattern) { return matches(name, pattern); });
}

bool is_kept(std::string_view name) {
  return matches_any(name, harmless_variables) || (trusts_environment() && matches_any(name, trusted_variables));
}

std::vector<std::string> agent_environment() {
  std::vector<std::string> kept{std::string(path_variable)};
  for (std::string& variable : own_environment()) {
    if (is_kept(std::string_view(variable).substr(0, variable.find('=')))) kept.push_back(std::move(variable));
  }
  return kept;
}

// ---- the process ----------------------------------------------------------------------------------------------------

struct Sockets {
  FileDescriptor ours, theirs;
};

Sockets new_sockets() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    throw Error(Errc::agent_failed,
                filled(_("No socket could be made for smartcmd-agent: {reason}."), {{"reason", strerror(errno)}}));
  }
  return {FileDescriptor(pair[0]), FileDescriptor(pair[1])};
}

/// A running agent. Destroying it shuts the socket and waits until the agent has ended, bounded in time.
class Agent {
 public:
  explicit Agent(const std::string& path, Sockets sockets = new_sockets())
      : socket_(std::move(sockets.ours)),
        process_({path, {}, agent_environment(), {{sockets.theirs.get(), agent_socket}}}) {}
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  int socket() const { return socket_.get(); }
  /// Returns when it has answered or ended. The end of the socket alone does not tell of its end: a child that the host
  /// forked just when the agent was started may hold the agent's side.
  void wait();

 private:
  FileDescriptor socket_;
  ChildProcess process_;
};

// shutdown() and not only close(), for a child the host forked meanwhile may hold the socket too. Once it is shut the
// agent puts the terminal in order and ends at once; one that does not is stuck.
Agent::~Agent() {
  const CancellationOff off;
  shutdown(socket_.get(), SHUT_RDWR);
  if (!process_.ends_within(ChildProcess::grace)) process_.send(SIGKILL);
}

void Agent::wait() {
  pollfd either[] = {{socket_.get(), POLLIN, 0}, {process_.descriptor(), POLLIN, 0}};
  const int longest = process_.descriptor() < 0 ? look_again_milliseconds : -1;
  for (int ready = 0; ready == 0;) {
    ready = poll(either, 2, longest);
    if (ready < 0 && errno == EINTR) ready = 0;
    if (ready == 0 && process_.has_ended()) ready = 1;
  }
  if (process_.has_ended()) shutdown(socket_.get(), SHUT_RD);  // what it has sent can still be read
}

std::unique_ptr<Agent> start(const std::string& path) {
  try {
    return std::make_unique<Agent>(path);
  } catch (const std::system_error& failure) {
    throw Error(Errc::agent_failed,
                filled(_("smartcmd-agent could not be started from {file}: {reason}. Install SmartCMD again."),
                       {{"file", path}, {"reason", failure.code().message()}}));
  }
}

AgentReply converse(Agent& agent, const std::string& path, const AgentRequest& request,
                    const Cancellation* cancellation) {
  try {
    send_request(agent.socket(), request);
    agent.wait();
    return receive_reply(agent.socket());
  } catch (const Error& error) {
    if (cancellation != nullptr && cancellation->cancelled()) throw Error(Errc::cancelled, _("Signing was cancelled."));
    if (error.code() != Errc::agent_failed) throw;
    throw Error(Errc::agent_failed,
                filled(_("{sentence} The agent is {file}."), {{"sentence", error.message()}, {"file", path}}));
  }
}

}  // namespace

AgentReply ask_agent(const AgentRequest& request, Cancellation* cancellation) {
  const std::string path = agent_path();
  const std::unique_ptr<Agent> started = start(path);
  Agent& agent = *started;
  const Cancellation::Scope wake(cancellation, [&agent] { shutdown(agent.socket(), SHUT_RDWR); });
  AgentReply reply = converse(agent, path, request, cancellation);
  if (auto* error = std::get_if<Error>(&reply)) throw std::move(*error);
  return reply;
}

}  // namespace smartcmd
