// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/serve.h"

#include <glib-unix.h>
#include <glib.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/files.h"
#include "service/endpoint.h"
#include "service/http.h"
#include "service/secret_files.h"

namespace smartcmd::service {

namespace {

constexpr guint sweep_interval = 5;  // seconds

/// The settings, once it is certain that the secrets are.
Settings checked_settings() {
  namespace fs = std::filesystem;
  Settings settings = Settings::load();
  for (const fs::path& file : {settings.hsm_pin_file, settings.password_file, fs::path(layout::tls_key)}) {
    require_private(file);
  }
  for (const char* directory : {layout::authority, layout::field_keys}) {
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.path().filename().string().ends_with("-key.pem")) require_private(entry.path());
    }
  }
  require_private(layout::outbox);
  return settings;
}

/// All of a running service, each part after those it uses.
struct House {
  Settings settings = checked_settings();
  Authority authority;
  FieldKeys field_keys{std::filesystem::path(layout::field_keys)};
  Accounts accounts{settings.database};
  Hsm hsm{settings.hsm_module, settings.hsm_token, read_secret(settings.hsm_pin_file)};
  Keystore keystore{hsm};
  Outbox outbox{layout::outbox};
  Processes processes{{settings.otp_lifetime, settings.otp_attempts}, outbox};
  Endpoint endpoint{Operations({settings, accounts, authority, field_keys, keystore, processes})};
  HttpServer server{http_options(), endpoint};

  HttpServer::Options http_options() const {
    // A client keeps its connection while the person looks for the one-time password.
    Connections::Limits limits;
    limits.next = settings.otp_lifetime + std::chrono::seconds(60);
    return {settings.listen,
            settings.host,
            settings.username,
            read_secret(settings.password_file),
            read_whole_secret(layout::tls_key),
            read_file(layout::tls_certificate),
            limits};
  }
};

/// The group a client's configuration needs to talk to us.
std::string client_settings(const House& house) {
  const CPtr<GKeyFile, g_key_file_unref> keys(g_key_file_new());
  const auto set = [&keys](const char* key, const std::string& value) {
    g_key_file_set_string(keys.get(), "service local", key, value.c_str());
  };
  set("driver", "scmd");
  set("endpoint", house.server.url());
  set("application-id", house.settings.application_id);
  set("username", house.settings.username);
  set("password-file", std::filesystem::absolute(house.settings.password_file));
  set("encryption-certificate", std::filesystem::absolute(layout::client_encryption));
  set("ca-file", std::filesystem::absolute(layout::client_authority));
  const CPtr<char, g_free> text(g_key_file_to_data(keys.get(), nullptr, nullptr));
  return text.get();
}

void announce(const House& house) {
  write_file(layout::client_settings, client_settings(house));
  if (std::printf("%s\n", house.server.url().c_str()) < 0 || std::fflush(stdout) != 0) {
    throw Error(Errc::internal, "The service's address cannot be written to the standard output.");
  }
}

gboolean on_signal(void* loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_CONTINUE;
}

gboolean on_sweep(void* processes) {
  static_cast<Processes*>(processes)->expire();
  return G_SOURCE_CONTINUE;
}

}  // namespace

void serve() {
  // Caught before anybody knows us: who reads the address may end us at once.
  const CPtr<GMainLoop, g_main_loop_unref> loop(g_main_loop_new(nullptr, FALSE));
  g_unix_signal_add(SIGTERM, on_signal, loop.get());
  g_unix_signal_add(SIGINT, on_signal, loop.get());
  std::signal(SIGPIPE, SIG_IGN);
  House house;
  g_timeout_add_seconds(sweep_interval, on_sweep, &house.processes);
  announce(house);
  g_main_loop_run(loop.get());
}

}  // namespace smartcmd::service
