// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/processes.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {
namespace {

constexpr std::chrono::seconds patience{5};

[[noreturn]] void throw_system(const char* sentence) {
  throw Error(Errc::internal, filled(_(sentence), {{"reason", g_strerror(errno)}}));
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

/// Undoes in the child, before it becomes another program, what Signals and smartcmd changed. Async-signal-safe.
void prepare_child(gpointer own_group) {
  const sigset_t signals = ending_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (own_group != nullptr) setpgid(0, 0);
}

gboolean on_timeout(gpointer expired) {
  *static_cast<bool*>(expired) = true;
  return G_SOURCE_CONTINUE;
}

}  // namespace

bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  bool expired = false;
  const bool limited = limit != std::chrono::milliseconds::max();
  const guint timer = limited ? g_timeout_add(static_cast<guint>(limit.count()), on_timeout, &expired) : 0;
  while (!done() && !expired) g_main_context_iteration(nullptr, TRUE);
  if (limited) g_source_remove(timer);
  return done();
}

// ---- Signals

Signals::Signals(Handler handler) : handler_(std::move(handler)) {
  sigset_t signals = ending_signals();
  struct sigaction before {};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler == SIG_IGN) sigdelset(&signals, SIGHUP);

  signal(SIGPIPE, SIG_IGN);  // a reader who went away must not keep us from cleaning up
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw_system(N_("Signals cannot be watched: {reason}."));
  source_ = g_unix_fd_add(
      fd_, G_IO_IN,
      [](int fd, GIOCondition, gpointer self) -> gboolean {
        signalfd_siginfo info;
        if (read(fd, &info, sizeof info) == sizeof info)
          static_cast<Signals*>(self)->handler_(static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL);
        return G_SOURCE_CONTINUE;
      },
      this);
}

Signals::~Signals() {
  g_source_remove(source_);
  close(fd_);
}

// ---- Capture

Capture::Capture() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_system(N_("A pipe cannot be made: {reason}."));
  read_end_ = ends[0];
  write_end_ = ends[1];
  fcntl(read_end_, F_SETFL, O_NONBLOCK);
  source_ = g_unix_fd_add(read_end_, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), read_some, this);
}

Capture::~Capture() {
  if (source_ != 0) g_source_remove(source_);
  if (write_end_ >= 0) close(write_end_);
  close(read_end_);
}

int Capture::take_write_end() {
  return std::exchange(write_end_, -1);
}

gboolean Capture::read_some(int fd, GIOCondition, gpointer self) {
  auto* const capture = static_cast<Capture*>(self);
  char buffer[4096];
  const ssize_t size = read(fd, buffer, sizeof buffer);
  if (size > 0) capture->text_.append(buffer, static_cast<std::size_t>(size));
  if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) return G_SOURCE_CONTINUE;
  capture->source_ = 0;
  return G_SOURCE_REMOVE;
}

// ---- Child

Child::Child(const std::vector<std::string>& argv, gchar** environment, Kind kind)
    : background_(kind == Kind::background) {
  const int flags =
      background_ ? G_SUBPROCESS_FLAGS_NONE : G_SUBPROCESS_FLAGS_STDIN_INHERIT | G_SUBPROCESS_FLAGS_INHERIT_FDS;
  CPtr<GSubprocessLauncher, g_object_unref> launcher(g_subprocess_launcher_new(static_cast<GSubprocessFlags>(flags)));
  g_subprocess_launcher_set_environ(launcher.get(), environment);
  g_subprocess_launcher_set_child_setup(launcher.get(), prepare_child, GINT_TO_POINTER(background_), nullptr);
  if (background_) {
    g_subprocess_launcher_take_stdout_fd(launcher.get(), output_.take_write_end());
    g_subprocess_launcher_take_stderr_fd(launcher.get(), errors_.take_write_end());
  }

  std::vector<const gchar*> arguments;
  for (const std::string& argument : argv) arguments.push_back(argument.c_str());
  arguments.push_back(nullptr);
  GError* error = nullptr;
  process_.reset(g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), &error));
  if (!process_) {
    fail(*CPtr<GError, g_error_free>(error));
    return;
  }
  reaped_ = false;
  g_subprocess_wait_async(process_.get(), nullptr, on_ended, this);
}

Child::~Child() {
  stop();
}

void Child::fail(const GError& error) {
  const bool not_found = g_error_matches(&error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT) != 0;
  exit_status_ = not_found ? 127 : 126;
  failure_ = error.message;
}

void Child::on_ended(GObject* process, GAsyncResult* result, gpointer self) {
  auto* const child = static_cast<Child*>(self);
  GSubprocess* const ended = G_SUBPROCESS(process);
  g_subprocess_wait_finish(ended, result, nullptr);
  child->exit_status_ = g_subprocess_get_if_exited(ended) != 0 ? g_subprocess_get_exit_status(ended)
                                                               : 128 + g_subprocess_get_term_sig(ended);
  child->reaped_ = true;
}

bool Child::running() const {
  return !reaped_ || (background_ && !(output_.ended() && errors_.ended()));
}

std::string Child::errors() const {
  std::string text = failure_.empty() ? errors_.text() : failure_;
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

void Child::send(int signal) {
  if (!reaped_) g_subprocess_send_signal(process_.get(), signal);
}

void Child::stop() {
  send(SIGTERM);
  if (run_until([this] { return reaped_; }, patience)) return;
  send(SIGKILL);
  run_until([this] { return reaped_; });
}

}  // namespace smartcmd
