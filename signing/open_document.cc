// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/open_document.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <string_view>

namespace smartcmd {

namespace {

namespace fs = std::filesystem;

// What people sign. Where a host signs something else, it only goes without the hint.
constexpr std::string_view extensions[] = {".pdf", ".odt",  ".ods", ".odp",  ".odg", ".odf", ".doc", ".docx",
                                           ".xls", ".xlsx", ".ppt", ".pptx", ".rtf", ".txt", ".md",  ".xml",
                                           ".csv", ".html", ".eml", ".zip",  ".jpg", ".png", ".tif", ".tiff"};

// Where programs keep what is theirs, not the person's.
constexpr std::string_view not_the_persons[] = {"/usr/",  "/lib",  "/opt/", "/etc/", "/var/",
                                                "/proc/", "/sys/", "/dev/", "/run/"};

bool may_be_a_document(const fs::path& file) {
  std::string extension = file.extension().native();
  std::transform(extension.begin(), extension.end(), extension.begin(), g_ascii_tolower);
  const std::string& path = file.native();
  const bool hidden = path.find("/.") != std::string::npos;  // ~/.config, ~/.cache and the like
  return !hidden && std::find(std::begin(extensions), std::end(extensions), extension) != std::end(extensions) &&
         std::none_of(std::begin(not_the_persons), std::end(not_the_persons),
                      [&path](std::string_view place) { return path.starts_with(place); });
}

bool is_file_to_read(int descriptor) {
  struct stat status {};
  const int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

int number_of(const std::string& text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

// What was removed since has " (deleted)" for an extension, and is no document any more.
std::string open_document() {
  std::set<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    const fs::path file = fs::read_symlink(entry->path(), unreadable);
    if (!unreadable && may_be_a_document(file) && is_file_to_read(number_of(entry->path().filename().native()))) {
      found.insert(file);
    }
  }
  return found.size() == 1 ? found.begin()->filename().native() : "";
}

}  // namespace smartcmd
