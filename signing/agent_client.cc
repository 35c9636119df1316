// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/agent_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/child_process.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "base/user.h"

namespace smartcmd {

namespace {

using Clock = std::chrono::steady_clock;

// Once its socket is shut the agent puts the terminal in order and ends at once. One that does not is stuck.
constexpr std::chrono::seconds grace{2};

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
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (is_kept(text.substr(0, text.find('=')))) kept.emplace_back(text);
  }
  return kept;
}

// ---- the process ----------------------------------------------------------------------------------------------------

/// A running agent. Destroying it shuts the socket, waits until the agent has ended, and reaps it: bounded in time and
/// without disturbing a host that ignores SIGCHLD or reaps every child itself.
class Agent {
 public:
  explicit Agent(const std::string& path);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  int socket() const { return socket_.get(); }
  /// Returns when it has answered or ended. The end of the socket alone does not tell of its end: a child that the host
  /// forked just when the agent was started may hold the agent's side.
  void wait() const;

 private:
  void end_within_grace() const;

  FileDescriptor socket_;
  pid_t pid_ = -1;
  /// A pidfd: unlike the number, it is the agent's also after the host has reaped it. None on a kernel without.
  FileDescriptor process_;
};

Agent::Agent(const std::string& path) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    throw Error(Errc::agent_failed,
                filled(_("No socket could be made for smartcmd-agent: {reason}."), {{"reason", strerror(errno)}}));
  }
  socket_ = FileDescriptor(pair[0]);
  const FileDescriptor theirs(pair[1]);
  try {
    pid_ = spawn({path, {}, agent_environment(), theirs.get(), {agent_socket}});
  } catch (const std::system_error& failure) {
    throw Error(Errc::agent_failed,
                filled(_("smartcmd-agent could not be started from {file}: {reason}. Install SmartCMD again."),
                       {{"file", path}, {"reason", failure.code().message()}}));
  }
  process_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
}

// shutdown() and not only close(), for a child the host forked meanwhile may hold the socket too.
Agent::~Agent() {
  const CancellationOff off;
  shutdown(socket_.get(), SHUT_RDWR);
  if (process_) end_within_grace();
  const auto reap = [this] {
    return process_ ? waitid(P_PIDFD, static_cast<id_t>(process_.get()), nullptr, WEXITED) : waitpid(pid_, nullptr, 0);
  };
  while (reap() < 0 && errno == EINTR) {
  }
}

void Agent::wait() const {
  if (!process_) return;
  pollfd either[] = {{socket_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}};
  while (poll(either, 2, -1) < 0 && errno == EINTR) {
  }
  if (either[1].revents != 0) shutdown(socket_.get(), SHUT_RD);  // what it has sent can still be read
}

void Agent::end_within_grace() const {
  const auto deadline = Clock::now() + grace;
  pollfd ended{process_.get(), POLLIN, 0};
  int ready = 0;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    ready = poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
}

AgentReply converse(const Agent& agent, const std::string& path, const AgentRequest& request,
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
  const Agent agent(path);
  const Cancellation::Scope wake(cancellation, [&agent] { shutdown(agent.socket(), SHUT_RDWR); });
  AgentReply reply = converse(agent, path, request, cancellation);
  if (auto* error = std::get_if<Error>(&reply)) throw std::move(*error);
  return reply;
}

}  // namespace smartcmd
