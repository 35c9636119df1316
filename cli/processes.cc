// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/processes.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/signals.h"
#include "base/text.h"

namespace smartcmd {
namespace {

constexpr std::chrono::seconds patience{5};

[[noreturn]] void throw_system(const char* sentence) {
  throw Error(Errc::internal, filled(_(sentence), {{"reason", g_strerror(errno)}}));
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
  const sigset_t signals = unless_nohup(signal_set(ending_signals));
  signal(SIGPIPE, SIG_IGN);  // a reader who went away must not keep us from cleaning up
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  descriptor_ = signal_descriptor(signals);
  if (!descriptor_) throw_system(N_("Signals cannot be watched: {reason}."));
  source_ = g_unix_fd_add(
      descriptor_.get(), G_IO_IN,
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
}

// ---- Capture

Capture::Capture() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_system(N_("A pipe cannot be made: {reason}."));
  read_end_ = FileDescriptor(ends[0]);
  write_end_ = FileDescriptor(ends[1]);
  fcntl(read_end_.get(), F_SETFL, O_NONBLOCK);
  source_ = g_unix_fd_add(read_end_.get(), static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), read_some, this);
}

Capture::~Capture() {
  if (source_ != 0) g_source_remove(source_);
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
  Program program{argv.front(), {argv.begin() + 1, argv.end()}, {}, {}, background_, !background_};
  for (gchar** variable = environment; *variable != nullptr; ++variable) program.environment.emplace_back(*variable);
  if (background_) program.descriptors = {{output_.write_end(), STDOUT_FILENO}, {errors_.write_end(), STDERR_FILENO}};
  try {
    process_.emplace(program);
  } catch (const std::system_error& error) {
    const bool not_found = error.code() == std::errc::no_such_file_or_directory;
    exit_status_ = not_found ? 127 : 126;
    failure_ =
        filled(_("{file} cannot be run: {reason}."), {{"file", argv.front()}, {"reason", error.code().message()}});
  }
  output_.close_write_end();
  errors_.close_write_end();
  if (process_) watch();
}

Child::~Child() {
  stop();
  if (source_ != 0) g_source_remove(source_);
}

// Where there is no descriptor to wait for, it is looked at now and then.
void Child::watch() {
  constexpr guint milliseconds = 20;
  const auto on_end = [](int, GIOCondition, gpointer self) -> gboolean { return look(self); };
  const int descriptor = process_->descriptor();
  source_ = descriptor < 0 ? g_timeout_add(milliseconds, look, this) : g_unix_fd_add(descriptor, G_IO_IN, on_end, this);
}

gboolean Child::look(gpointer self) {
  auto* const child = static_cast<Child*>(self);
  if (!child->process_->has_ended()) return G_SOURCE_CONTINUE;
  child->exit_status_ = child->process_->status() + (child->process_->was_killed() ? 128 : 0);
  child->source_ = 0;
  return G_SOURCE_REMOVE;
}

bool Child::running() const {
  return source_ != 0 || (background_ && !(output_.ended() && errors_.ended()));
}

std::string Child::errors() const {
  std::string text = failure_.empty() ? errors_.text() : failure_;
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

void Child::send(int signal) {
  if (source_ != 0) process_->send(signal);
}

void Child::stop() {
  send(SIGTERM);
  if (run_until([this] { return source_ == 0; }, patience)) return;
  send(SIGKILL);
  run_until([this] { return source_ == 0; });
}

}  // namespace smartcmd
