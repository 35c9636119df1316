// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sandbox/phone.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/c_ptr.h"
#include "base/columns.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/console/output.h"

namespace smartcmd {
namespace {

/// What follows `field` on the line of a message that begins with it.
std::string line(const std::string& message, const std::string& field) {
  const std::size_t begin = ("\n" + message).find("\n" + field);
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + field.size();
  return message.substr(value, message.find('\n', value) - value);
}

// In the letters that the locale has: where those are ASCII's, "Codigo de seguranca".
std::string text_of(const std::string& to, const std::string& text) {
  if (g_get_charset(nullptr) != 0) return filled("✉ {to}: {text}", {{"to", to}, {"text", text}});
  const CPtr<gchar, g_free> plain(g_str_to_ascii((to + ": " + text).c_str(), nullptr));
  return filled(_("Message to {what}"), {{"what", plain.get()}});
}

// The message may come when the question for what it brings is there already. It is inserted above that line, which
// moves down with its cursor (ECMA-48: IND, CUU, IL, CUD; DEC: save and restore).
std::string inserted(const std::vector<std::string>& lines) {
  const std::string count = std::to_string(lines.size());
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += "\033D";  // makes room also at the bottom of the screen
  text += "\033[" + count + "A\0337\r\033[" + count + "L";
  for (const std::string& line : lines) text += line + "\r\n";
  return text + "\0338\033[" + count + "B";
}

bool is_screen() {
  const char* terminal = g_getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

// Not through GLib, which would make question marks of what it takes the locale not to have.
void print(const std::string& message) {
  winsize screen{};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &screen);
  const std::size_t columns = screen.ws_col == 0 ? 80 : screen.ws_col;
  const std::string text = is_screen() ? inserted(wrapped(message, columns)) : "\n" + message + "\n";
  fputs(text.c_str(), stderr);
}

void show(const std::string& file) {
  const std::optional<std::string> message = read_file_if_any(file);
  if (!message) return;  // of a process already over
  print(text_of(line(*message, "to: "), line(*message, "text: ")));
}

}  // namespace

Phone::Phone(std::filesystem::path outbox)
    : outbox_(std::move(outbox)), inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  // Messages are written beside the outbox and moved into it.
  if (inotify_ < 0 || inotify_add_watch(inotify_, outbox_.c_str(), IN_MOVED_TO) < 0) {
    const std::string reason = g_strerror(errno);
    if (inotify_ >= 0) close(inotify_);
    throw Error(Errc::internal,
                filled(_("The messages to the phone cannot be watched: {reason}."), {{"reason", reason}}));
  }
  source_ = g_unix_fd_add(inotify_, G_IO_IN, on_message, this);
}

Phone::~Phone() {
  g_source_remove(source_);
  close(inotify_);
}

gboolean Phone::on_message(int fd, GIOCondition, gpointer self) {
  alignas(inotify_event) char events[4096];
  const ssize_t size = read(fd, events, sizeof events);
  for (ssize_t at = 0; at < size;) {
    const auto* const event = reinterpret_cast<const inotify_event*>(events + at);
    if (event->len > 0) show(static_cast<Phone*>(self)->outbox_ / event->name);
    at += static_cast<ssize_t>(sizeof *event + event->len);
  }
  return G_SOURCE_CONTINUE;
}

}  // namespace smartcmd
