// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/questions.h"

#include <glib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "signing/text.h"

namespace smartcmd {
namespace {

/// A line of standard input; false when there is none. Octet by octet: what follows is for the next question, and of a
/// secret there must be no second copy.
template <class Text>
bool read_line(Text& line) {
  char octet = '\0';
  ssize_t got = 0;
  bool any = false;
  while ((got = read(STDIN_FILENO, &octet, 1)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    any = true;
    if (octet == '\n') break;
    if (octet != '\r') line.push_back(octet);
  }
  return any;
}

/// Keeps the terminal, where standard input is one, from showing what is typed.
class EchoOff {
 public:
  EchoOff() : terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~EchoOff() {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool terminal_;
};

void show(const std::string& question) {
  g_printerr("%s ", question.c_str());
}

}  // namespace

std::optional<std::string> ask(const std::string& question) {
  show(question);
  std::string line;
  if (!read_line(line)) return std::nullopt;
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

SecureString ask_secret(const std::string& question) {
  const EchoOff quiet;
  show(question);
  SecureString line;
  read_line(line);
  return line;
}

bool confirmed(const std::string& question) {
  // TRANSLATORS: what stands for yes, and how the choice is shown
  const std::string yes = _("y");
  const std::string answer = ask(question + " " + _("[y/N]")).value_or("");
  return answer == yes || answer == "y" || answer == _("yes");
}

}  // namespace smartcmd
