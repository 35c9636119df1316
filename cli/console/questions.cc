// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/questions.h"

#include <glib.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/signals.h"
#include "base/text.h"

namespace smartcmd {
namespace {

/// Standard input, octet by octet: what follows a line is for the next question, and of a secret there must be no
/// second copy.
class Input {
 public:
  /// False at the end of the input.
  bool next(char& octet) const {
    ssize_t got = 0;
    do {
      got = read(STDIN_FILENO, &octet, 1);
    } while (got < 0 && errno == EINTR);
    return got > 0;
  }
};

/// The same with a terminal that does not show what is typed. A signal that ends us waits until the terminal is again
/// what it was.
class HiddenInput {
 public:
  HiddenInput() : terminal_(tcgetattr(STDIN_FILENO, &shown_) == 0) {
    if (!terminal_) return;
    termios hidden = shown_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenInput() {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  bool next(char& octet) const {
    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    return poll(ready, 2, -1) > 0 && ready[1].revents == 0 && Input().next(octet);
  }

 private:
  termios shown_{};
  bool terminal_;
  const SignalsHeld held_{signal_set(ending_signals)};
  const FileDescriptor signals_ = signal_descriptor(signal_set(ending_signals));
};

/// A line of the input; false when there is none, which leaves the line of the question.
template <class From, class Text>
bool read_line(const From& input, Text& line) {
  char octet = '\0';
  bool any = false;
  while (input.next(octet)) {
    any = true;
    if (octet == '\n') break;
    if (octet != '\r') line.push_back(octet);
  }
  explicit_bzero(&octet, sizeof octet);
  if (!any) g_printerr("\n");
  return any;
}

void show(const std::string& question) {
  g_printerr("%s ", question.c_str());
}

}  // namespace

std::optional<std::string> ask(const std::string& question) {
  show(question);
  std::string line;
  if (!read_line(Input(), line)) return std::nullopt;
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

SecureString ask_secret(const std::string& question) {
  const HiddenInput input;
  show(question);
  SecureString line;
  read_line(input, line);
  return line;
}

bool confirmed(const std::string& question) {
  // TRANSLATORS: what stands for yes, and how the choice is shown
  const std::string yes = _("y");
  const std::string answer = ask(question + " " + _("[y/N]")).value_or("");
  return answer == yes || answer == "y" || answer == _("yes");
}

}  // namespace smartcmd
