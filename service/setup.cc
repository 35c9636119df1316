// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/setup.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/files.h"
#include "service/accounts.h"
#include "service/authority.h"
#include "service/hsm.h"
#include "service/http.h"
#include "service/random.h"
#include "service/settings.h"

namespace smartcmd::service {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t hsm_pin_digits = 32;
constexpr std::size_t password_size = 24;
constexpr const char* so_pin_file = "hsm-so-pin";

/// Where distributions put SoftHSM2.
constexpr const char* softhsm_places[] = {
    "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so",      "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib/pkcs11/libsofthsm2.so",  "/usr/local/lib/softhsm/libsofthsm2.so",
};

fs::path find_softhsm() {
  for (const char* place : softhsm_places) {
    if (fs::exists(place)) return place;
  }
  throw Error(Errc::configuration, "SoftHSM2 is not installed. Install it, or name a PKCS#11 module (--hsm-module).");
}

fs::path find_module(const fs::path& file) {
  if (file.empty()) return find_softhsm();
  std::error_code problem;
  fs::path found = fs::canonical(file, problem);
  if (!problem) return found;
  throw Error(Errc::configuration, "The PKCS#11 module " + file.string() + " cannot be used: " + problem.message() +
                                       ". Name the file of the HSM's module (--hsm-module).");
}

/// A directory that becomes a service or is left as it was found. What is made lies in a directory inside until all is
/// there: an init that was cut off leaves nothing the next could take for somebody's.
class Site {
 public:
  explicit Site(const fs::path& directory) {
    std::error_code problem;
    is_new_ = fs::create_directory(directory, problem);
    if (problem) refuse(directory, problem.message());
    place_ = fs::canonical(directory);
    draft_ = place_ / ".init";
    former_ = fs::status(place_).permissions();
    for (const auto& entry : fs::directory_iterator(place_, problem)) {
      if (entry.path() != draft_) refuse(directory, "it is not empty");
    }
    if (!problem) fs::remove_all(draft_, problem);
    if (!problem) fs::create_directory(draft_, problem);
    if (problem) refuse(directory, problem.message());
  }
  ~Site() {
    if (done_) return;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(place_, ignored)) fs::remove_all(entry.path(), ignored);
    fs::permissions(place_, former_, ignored);
    if (is_new_) fs::remove(place_, ignored);
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Where the service is made.
  const fs::path& draft() const { return draft_; }

  /// The directory is a service now: its settings come last.
  void settle() {
    std::error_code problem;
    fs::permissions(place_, fs::perms::owner_all, problem);
    if (problem) refuse(place_, problem.message());
    for (const auto& entry : fs::directory_iterator(draft_)) {
      if (entry.path().filename() != layout::settings) fs::rename(entry.path(), place_ / entry.path().filename());
    }
    fs::rename(draft_ / layout::settings, place_ / layout::settings);
    fs::remove(draft_);
    done_ = true;
  }

 private:
  [[noreturn]] static void refuse(const fs::path& directory, const std::string& why) {
    throw Error(Errc::configuration, "No service can be made in " + directory.string() + ": " + why + ".");
  }

  fs::path place_;
  fs::path draft_;
  fs::perms former_{};
  bool is_new_ = false;
  bool done_ = false;
};

/// SoftHSM2 reads its settings from a file the environment names.
void point_at_softhsm_settings() {
  if (fs::exists(layout::softhsm_settings)) setenv("SOFTHSM2_CONF", fs::absolute(layout::softhsm_settings).c_str(), 1);
}

void set_up_hsm(const Settings& settings) {
  const SecureString pin = random_digits(hsm_pin_digits), so_pin = random_digits(hsm_pin_digits);
  write_file(settings.hsm_pin_file, pin.view());
  write_file(so_pin_file, so_pin.view());
  fs::create_directory(layout::tokens);
  write_file(layout::softhsm_settings,
             "# Relative to the service's directory, where smartcmdd works\n"
             "directories.tokendir = " +
                 std::string(layout::tokens) +
                 "\n"
                 "objectstore.backend = file\nlog.level = ERROR\n");
  point_at_softhsm_settings();
  Hsm::initialise_token(settings.hsm_module, settings.hsm_token, so_pin, pin);
}

}  // namespace

void set_up(const fs::path& directory, const std::string& listen, const fs::path& hsm_module) {
  check_address(listen);
  Settings settings;
  settings.listen = listen;
  settings.hsm_module = find_module(hsm_module);
  settings.application_id = random_uuid();
  Site site(directory);
  fs::current_path(site.draft());
  Authority::found();
  write_file(layout::client_password, to_hex(random_bytes(password_size)));
  fs::create_directory(layout::outbox);
  set_up_hsm(settings);
  Accounts{settings.database};
  write_file(layout::settings, settings.to_text());
  site.settle();
}

void enter(const fs::path& directory) {
  std::error_code problem;
  fs::current_path(directory, problem);
  if (problem || !fs::exists(layout::settings)) {
    throw Error(Errc::configuration,
                directory.string() + " is no directory of a service. Make one with 'smartcmdd init DIR'.");
  }
  point_at_softhsm_settings();
}

}  // namespace smartcmd::service
