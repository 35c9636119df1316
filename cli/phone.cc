// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/phone.h"

#include "signing/error.h"

namespace smartcmd {

Phone::Phone(const std::filesystem::path& outbox) {
  const CPtr<GFile, g_object_unref> directory(g_file_new_for_path(outbox.c_str()));
  GError* error = nullptr;
  monitor_.reset(g_file_monitor_directory(directory.get(), G_FILE_MONITOR_WATCH_MOVES, nullptr, &error));
  const CPtr<GError, g_error_free> owned(error);
  if (!monitor_)
    throw Error(Errc::internal, std::string("The messages to the phone cannot be watched: ") + error->message + ".");
  g_signal_connect(monitor_.get(), "changed", reinterpret_cast<GCallback>(on_change), this);
}

Phone::~Phone() {
  g_signal_handlers_disconnect_by_data(monitor_.get(), this);
}

void Phone::on_change(GFileMonitor*, GFile* file, GFile* other, GFileMonitorEvent event, gpointer self) {
  GFile* complete = nullptr;  // a file whose writer has done with it
  if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_MOVED_IN) complete = file;
  if (event == G_FILE_MONITOR_EVENT_RENAMED) complete = other;
  if (complete == nullptr) return;
  const CPtr<gchar, g_free> path(g_file_get_path(complete));
  static_cast<Phone*>(self)->show(path.get());
}

void Phone::show(const std::string& file) {
  gchar* contents = nullptr;
  if (g_file_get_contents(file.c_str(), &contents, nullptr, nullptr) == 0) return;  // already replaced
  const CPtr<gchar, g_free> owned(contents);
  std::string& last = shown_[file];
  if (last == contents) return;
  last = contents;
  g_printerr("\n✉ %s\n", g_strchomp(contents));
}

}  // namespace smartcmd
