// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "agent/prompt_text.h"
#include "agent/prompter.h"
#include "agent/watch.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "base/text.h"

namespace smartcmd {

namespace {

constexpr int attempts = 3;

// More than any secret has: what is too long is refused as a whole, not cut into one that costs an attempt.
constexpr std::size_t longest_line = 32;

// What follows an Esc this soon is the rest of a key's sequence (console_codes(4)), an arrow for instance.
constexpr int sequence_milliseconds = 50;

constexpr unsigned short usual_columns = 80;

/// A page has so many also where the screen does not, which then scrolls.
constexpr std::size_t fewest_rows = 8;

namespace key {
constexpr char end_of_file = 'D' - '@';
constexpr char backspace = '\b';
constexpr char kill_line = 'U' - '@';
constexpr char escape = '\033';
constexpr char erase = '\177';
}  // namespace key

[[noreturn]] void throw_terminal_gone() {
  throw Error(Errc::cancelled, _("The terminal is gone. Nothing was signed."));
}

// A description of our own, so that O_NONBLOCK does not change the host's.
FileDescriptor open_terminal() {
  FileDescriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (terminal && tcgetpgrp(terminal.get()) != getpgrp()) return {};
  return terminal;
}

// Without rows where the terminal does not know how many it has.
winsize size_of(int terminal) {
  winsize size{};
  ioctl(terminal, TIOCGWINSZ, &size);
  if (size.ws_col == 0) size.ws_col = usual_columns;
  return size;
}

/// One question at a time on a terminal: two agents that read it would share the keys, and send the service two wrong
/// PINs. Where the file cannot be made there is no waiting.
class TerminalLock {
 public:
  /// Waits for its turn. Throws what the Watch throws.
  TerminalLock(int terminal, Watch& watch) : lock_(file_of(terminal), FileLock::Of::own_file) {
    const FileDescriptor clock(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    timerfd_settime(clock.get(), 0, &every_tenth_of_a_second, nullptr);
    std::uint64_t ticks = 0;
    while (lock_.try_take() == FileLock::State::others) {
      watch.wait(clock.get());
      [[maybe_unused]] const ssize_t size = read(clock.get(), &ticks, sizeof ticks);
    }
  }

 private:
  static constexpr timespec tenth_of_a_second{0, 100'000'000};
  static constexpr itimerspec every_tenth_of_a_second{tenth_of_a_second, tenth_of_a_second};

  // Not the terminal itself: as /dev/tty all are one file. This one stays, empty, as long as the person's session.
  static std::filesystem::path file_of(int terminal) {
    unsigned int device = 0;
    if (ioctl(terminal, TIOCGDEV, &device) != 0) return {};
    return std::filesystem::path(g_get_user_runtime_dir()) / ("smartcmd-terminal-" + std::to_string(device));
  }

  FileLock lock_;
};

/// Echo and line editing off; on again when it is destroyed, together with what was typed and not read thrown away: it
/// may be the rest of a secret, and must not reach the shell. A Watch lives longer, so that no signal comes between.
class QuietTerminal {
 public:
  explicit QuietTerminal(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal, &former_) != 0)
      throw Error(Errc::prompt_failed,
                  _("The terminal cannot be set up for a secret. Nothing was signed; try another terminal."));
    termios quiet = former_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | IEXTEN);
    // A Ctrl-S must not stop the agent's own words, and a Ctrl-Z not the program while the echo is off.
    quiet.c_iflag &= ~static_cast<tcflag_t>(IXON);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    set(quiet);
  }
  ~QuietTerminal() { set(former_); }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  void set(const termios& mode) const {
    tcflush(terminal_, TCIFLUSH);
    tcsetattr(terminal_, TCSANOW, &mode);
  }

  int terminal_;
  termios former_{};
};

// ---- reading a line -------------------------------------------------------------------------------------------------

/// However a line ends, what is printed next stands on a line of its own.
class LineEnd {
 public:
  explicit LineEnd(int terminal) : terminal_(terminal) {}
  ~LineEnd() { [[maybe_unused]] const ssize_t written = write(terminal_, "\n", 1); }
  LineEnd(const LineEnd&) = delete;
  LineEnd& operator=(const LineEnd&) = delete;

 private:
  int terminal_;
};

/// A secret as it is typed: shown as stars, digits only. An 'r' that is all that was typed, where a new one may be
/// sent, asks for that.
class LineReader {
 public:
  LineReader(int terminal, Watch& watch, const Question& question)
      : terminal_(terminal), watch_(watch), question_(question) {}

  void show(std::string_view text);
  /// The lines, as many at once as fit on the screen, with room for the question below.
  void show(const std::vector<std::string>& lines, std::size_t rows);
  Answer read_line();

 private:
  char next_key();
  void wait_for_next_page(std::size_t page, std::size_t pages);
  void handle(char key);
  void handle_escape();
  void erase();

  int terminal_;
  Watch& watch_;
  const Question& question_;
  SecureString line_;
  bool send_again_ = false;
  bool strange_ = false;  ///< something was typed that is no part of a secret
};

void LineReader::show(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(terminal_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      watch_.wait(terminal_, POLLOUT);
    } else if (errno != EINTR) {
      throw_terminal_gone();
    }
  }
}

void LineReader::show(const std::vector<std::string>& lines, std::size_t rows) {
  const std::size_t on_page = std::max(rows, fewest_rows) - 1;
  const std::size_t pages = rows == 0 ? 1 : (lines.size() + on_page - 1) / on_page;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (pages > 1 && i > 0 && i % on_page == 0) wait_for_next_page(i / on_page, pages);
    show(lines[i] + "\n");
  }
}

void LineReader::wait_for_next_page(std::size_t page, std::size_t pages) {
  show(filled(_("Page {page} of {pages}. Enter shows the next one, Esc cancels."),
              {{"page", std::to_string(page)}, {"pages", std::to_string(pages)}}));
  const LineEnd end(terminal_);
  for (char typed = next_key(); typed != '\n' && typed != '\r' && typed != ' '; typed = next_key()) {
    if (typed == key::end_of_file) throw question_cancelled(question_.purpose);
    if (typed == key::escape) {
      handle_escape();
    } else {
      show("\a");
    }
  }
}

char LineReader::next_key() {
  for (;;) {
    char typed = 0;
    const ssize_t count = read(terminal_, &typed, 1);
    if (count == 1) return typed;
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      throw_terminal_gone();
    }
    watch_.wait(terminal_);
  }
}

Answer LineReader::read_line() {
  line_.clear();
  send_again_ = strange_ = false;
  const LineEnd end(terminal_);
  for (char typed = next_key(); typed != '\n' && typed != '\r'; typed = next_key()) handle(typed);
  if (send_again_ && !strange_) return SendAgain{};
  return std::move(line_);
}

void LineReader::handle(char typed) {
  const bool empty = line_.empty() && !send_again_ && !strange_;
  if (typed == key::end_of_file) throw question_cancelled(question_.purpose);
  if (typed == key::escape) return handle_escape();
  if (typed == key::erase || typed == key::backspace) return erase();
  if (typed == key::kill_line) {
    while (!line_.empty() || send_again_) erase();
    strange_ = false;
  } else if (typed >= '0' && typed <= '9' && !send_again_ && line_.size() < longest_line) {
    line_.push_back(typed);
    show("*");
  } else if ((typed == 'r' || typed == 'R') && question_.may_resend && empty) {
    send_again_ = true;
    show("r");
  } else if (!is_separator(typed)) {
    strange_ = true;
    show("\a");
  }
}

// With what follows at once it is an arrow, or a character typed with Alt; before Enter, say, it is the key itself.
void LineReader::handle_escape() {
  pollfd more{terminal_, POLLIN, 0};
  char next = poll(&more, 1, sequence_milliseconds) > 0 ? next_key() : '\n';
  if (g_ascii_iscntrl(next) && next != key::erase) throw question_cancelled(question_.purpose);
  if (next == '[' || next == 'O') {
    do {
      next = next_key();
    } while (next < '@' || next > '~');  // the final octet of a control sequence (ECMA-48 section 5.4)
  }
  show("\a");
}

void LineReader::erase() {
  if (line_.empty() && !send_again_) {
    strange_ = false;
    return show("\a");
  }
  line_.pop_back();
  send_again_ = false;
  show("\b \b");
}

// ---- the prompter ---------------------------------------------------------------------------------------------------

class TerminalPrompter final : public Prompter {
 public:
  explicit TerminalPrompter(int host) : host_(host) {}

  bool available() const override { return static_cast<bool>(open_terminal()); }
  Answer ask(const Question& question) override;

 private:
  int host_;
};

Answer TerminalPrompter::ask(const Question& question) {
  const FileDescriptor terminal = open_terminal();
  Watch watch(host_, question.timeout);
  const TerminalLock lock(terminal.get(), watch);
  if (!available()) throw_terminal_gone();  // while it waited
  const QuietTerminal quiet(terminal.get());
  LineReader reader(terminal.get(), watch, question);
  const winsize screen = size_of(terminal.get());
  reader.show("\n");
  reader.show(terminal_lines(question, screen.ws_col), screen.ws_row);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    reader.show(std::string(request_text(question.purpose)) + ": ");
    Answer answer = reader.read_line();
    const auto* secret = std::get_if<SecureString>(&answer);
    if (secret == nullptr || is_valid(question.purpose, *secret)) return answer;
    reader.show(std::string(format_text(question.purpose)) + "\n");
  }
  require_valid(question.purpose, {});
  return {};
}

}  // namespace

std::unique_ptr<Prompter> make_terminal_prompter(const Config&, int host) {
  return std::make_unique<TerminalPrompter>(host);
}

}  // namespace smartcmd
