// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/c_ptr.h"
#include "base/child_process.h"

namespace smartcmd {

/// The environment of a process: NAME=value, for g_environ_setenv() and its kin.
using Environment = CPtr<gchar*, g_strfreev>;

/// Runs the main loop until `done` says so; with a `limit`, at most so long. Whether it is done.
bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::milliseconds::max());

/// The signals that end a sandbox – SIGINT, SIGQUIT, SIGTERM, SIGHUP – as events of the main loop, to the end of this
/// process. A SIGHUP that was ignored when we came (nohup) stays so; a Child gets all of them unblocked.
class Signals {
 public:
  /// Called with the signal, and whether the terminal sent it: then every process in the foreground has it already.
  using Handler = std::function<void(int signal, bool from_terminal)>;
  explicit Signals(Handler handler);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  Handler handler_;
  FileDescriptor descriptor_;
  guint source_;
};

/// What a child writes into a pipe, read as it comes.
class Capture {
 public:
  Capture();
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// The end to write into, for the child; to be closed here once the child has it.
  int write_end() const { return write_end_.get(); }
  void close_write_end() { write_end_.close(); }
  const std::string& text() const { return text_; }
  /// Whether every writer has closed its end.
  bool ended() const { return source_ == 0; }

 private:
  static gboolean read_some(int fd, GIOCondition condition, gpointer self);
  FileDescriptor read_end_, write_end_;
  guint source_ = 0;
  std::string text_;
};

/// A program that runs beside us; it is stopped and reaped before its owner goes.
class Child {
 public:
  enum class Kind {
    foreground,  ///< shares our descriptors, process group and terminal: Ctrl-C reaches it
    background,  ///< a process group of its own, no input, and its output captured
  };
  /// Starts `argv`, found through the PATH of its environment. A program that cannot be started counts as one that has
  /// ended, with the status a shell would give (127: not found, 126: cannot be run) and the reason in errors().
  Child(const std::vector<std::string>& argv, gchar** environment, Kind kind);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Whether it has not ended; a background child ends with the last word of its output.
  bool running() const;
  /// The exit status, or 128 and the signal's number when one ended it.
  int exit_status() const { return exit_status_; }
  const std::string& output() const { return output_.text(); }
  /// What it wrote to standard error, without the last line feed.
  std::string errors() const;

  void send(int signal);
  /// SIGTERM, and SIGKILL when that did not end it within five seconds.
  void stop();

 private:
  void watch();
  static gboolean look(gpointer self);

  std::optional<ChildProcess> process_;
  guint source_ = 0;  ///< as long as it runs
  Capture output_;
  Capture errors_;
  const bool background_;
  std::string failure_;
  int exit_status_ = 0;
};

}  // namespace smartcmd
