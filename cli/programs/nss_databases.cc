// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/programs/nss_databases.h"

#include <glib.h>
#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "base/text.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

/// Where a program keeps its databases, below the home directory: in each directory there, or there itself.
struct Place {
  const char* program;
  const char* directory;
  bool profiles;
  bool isolated;
};

constexpr Place places[] = {
    {N_("Chromium (and others)"), ".pki/nssdb", false, false},
    {"Firefox", ".mozilla/firefox", true, false},
    {"Firefox (snap)", "snap/firefox/common/.mozilla/firefox", true, true},
    {"Firefox (Flatpak)", ".var/app/org.mozilla.firefox/.mozilla/firefox", true, true},
    {"Thunderbird", ".thunderbird", true, false},
    {"Thunderbird (snap)", "snap/thunderbird/common/.thunderbird", true, true},
    {"Thunderbird (Flatpak)", ".var/app/org.mozilla.Thunderbird/.thunderbird", true, true},
};

/// A module as pkcs11.txt has it: a block of lines, ended by an empty one.
struct Module {
  std::string library;
  std::string name;
};

std::vector<Module> modules_of(const fs::path& database) {
  constexpr std::string_view library = "library=";
  constexpr std::string_view name = "name=";
  std::vector<Module> modules(1);
  std::ifstream file(database / "pkcs11.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) modules.emplace_back();
    if (line.starts_with(library)) modules.back().library = line.substr(library.size());
    if (line.starts_with(name)) modules.back().name = line.substr(name.size());
  }
  return modules;
}

}  // namespace

bool NssDatabase::exists() const {
  return fs::exists(directory / "cert9.db");
}

bool NssDatabase::lists(const std::string& library) const {
  for (const Module& module : modules_of(directory)) {
    if (fs::path(module.library).filename() == library) return true;
  }
  return false;
}

fs::path NssDatabase::our_library() const {
  for (const Module& module : modules_of(directory)) {
    if (module.name == nss_module_name) return module.library;
  }
  return {};
}

// The link "lock" leads to "127.0.1.1:+PID"; a program that was killed leaves it behind.
bool NssDatabase::in_use() const {
  std::error_code none;
  const std::string mark = fs::read_symlink(directory / "lock", none);
  const auto plus = mark.find('+');
  if (plus == std::string::npos) return false;
  const long pid = std::strtol(mark.c_str() + plus + 1, nullptr, 10);
  return pid > 0 && (kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

NssDatabase nss_database(const fs::path& directory) {
  std::error_code missing;
  for (const NssDatabase& known : find_nss_databases())
    if (fs::equivalent(known.directory, directory, missing)) return {known.program, directory};
  return {"NSS", directory};
}

std::vector<NssDatabase> find_nss_databases() {
  std::vector<NssDatabase> found;
  const auto add = [&](const Place& place, const fs::path& directory) {
    NssDatabase database{_(place.program), directory, place.isolated};
    if (database.exists()) found.push_back(std::move(database));
  };
  for (const Place& place : places) {
    const fs::path directory = fs::path(g_get_home_dir()) / place.directory;
    if (!place.profiles) add(place, directory);
    std::error_code missing;
    if (!place.profiles) continue;
    for (const fs::directory_entry& profile : fs::directory_iterator(directory, missing)) add(place, profile.path());
  }
  return found;
}

}  // namespace smartcmd
