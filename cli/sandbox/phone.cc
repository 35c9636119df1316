// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sandbox/phone.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace smartcmd {
namespace {

/// What follows `field` on the line of a message that begins with it.
std::string line(const std::string& message, const std::string& field) {
  const std::size_t begin = ("\n" + message).find("\n" + field);
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + field.size();
  return message.substr(value, message.find('\n', value) - value);
}

void show(const std::string& file) {
  const std::optional<std::string> message = read_file_if_any(file);
  if (!message) return;  // of a process already over
  g_printerr(
      "%s", filled("\n✉ {to}: {text}\n", {{"to", line(*message, "to: ")}, {"text", line(*message, "text: ")}}).c_str());
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
