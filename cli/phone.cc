// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/phone.h"

#include "signing/error.h"

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
  gchar* contents = nullptr;
  if (g_file_get_contents(file.c_str(), &contents, nullptr, nullptr) == 0) return;  // of a process already over
  const CPtr<gchar, g_free> message(contents);
  g_printerr("\n✉ %s: %s\n", line(contents, "to: ").c_str(), line(contents, "text: ").c_str());
}

void on_change(GFileMonitor*, GFile* file, GFile* other, GFileMonitorEvent event, gpointer) {
  GFile* complete = nullptr;  // a file whose writer has done with it
  if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_MOVED_IN) complete = file;
  if (event == G_FILE_MONITOR_EVENT_RENAMED) complete = other;
  if (complete == nullptr) return;
  const CPtr<gchar, g_free> path(g_file_get_path(complete));
  show(path.get());
}

}  // namespace

Phone::Phone(const std::filesystem::path& outbox) {
  const CPtr<GFile, g_object_unref> directory(g_file_new_for_path(outbox.c_str()));
  GError* error = nullptr;
  monitor_.reset(g_file_monitor_directory(directory.get(), G_FILE_MONITOR_WATCH_MOVES, nullptr, &error));
  const CPtr<GError, g_error_free> owned(error);
  if (!monitor_)
    throw Error(Errc::internal, std::string("The messages to the phone cannot be watched: ") + error->message + ".");
  g_signal_connect(monitor_.get(), "changed", reinterpret_cast<GCallback>(on_change), nullptr);
}

}  // namespace smartcmd
