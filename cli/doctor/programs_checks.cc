// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/c_ptr.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/doctor/examination.h"
#include "cli/programs/nss_databases.h"
#include "cli/programs/openssl_configuration.h"
#include "cli/sandbox/files.h"
#include "cli/sandbox/p11_kit.h"
#include "cli/uris.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

// ---- OpenSSL --------------------------------------------------------------------------------------------------------

/// The URI of a certificate that is here; empty when none is.
std::string readable_uri(const Examination& examination) {
  if (!examination.config) return {};
  for (const Account& account : examination.config->accounts()) {
    try {
      SigningService(*examination.config).certificates(account);
      return cmd_uris(account).front().text;
    } catch (const Error&) {
      continue;  // said where certificates are checked
    }
  }
  return {};
}

/// Loads the provider as openssl.cnf would, but into a context of its own, and has it open a URI, for which it loads
/// its other half.
bool provider_works(const fs::path& module, const std::string& uri) {
  const ErrorQueueMark mark;
  const CPtr<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context(OSSL_LIB_CTX_new());
  if (!context) return false;
  const CPtr<OSSL_PROVIDER, OSSL_PROVIDER_unload> ours(OSSL_PROVIDER_load(context.get(), module.c_str()));
  const CPtr<OSSL_PROVIDER, OSSL_PROVIDER_unload> theirs(OSSL_PROVIDER_load(context.get(), "default"));
  if (!ours || !theirs) return false;
  if (uri.empty()) return true;
  const CPtr<OSSL_STORE_CTX, OSSL_STORE_close> store(
      OSSL_STORE_open_ex(uri.c_str(), context.get(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  return static_cast<bool>(store);
}

void check_provider(Examination& examination) {
  const fs::path& module = examination.installation.provider;
  if (access(module.c_str(), R_OK) != 0) {
    examination.problem(filled(_("Provider: {file} is missing. Install SmartCMD again."), {{"file", module.native()}}));
  } else if (!provider_works(module, readable_uri(examination))) {
    examination.problem(
        filled(_("Provider: OpenSSL cannot load {file}. Install SmartCMD again, for the OpenSSL that is "
                 "installed here."),
               {{"file", module.native()}}));
  } else {
    examination.sound(filled(_("Provider: OpenSSL loads {file}."), {{"file", module.native()}}));
  }
}

/// What makes a command use the provider that openssl.cnf does not activate.
std::string provider_options(const fs::path& module) {
  const char* const named = secure_getenv("OPENSSL_MODULES");
  const char* const searched = named == nullptr ? OPENSSL_info(OPENSSL_INFO_MODULES_DIR) : named;
  std::error_code missing;
  const bool found = searched != nullptr && fs::equivalent(fs::path(searched) / module.filename(), module, missing);
  return (found ? "" : "-provider-path " + module.parent_path().native() + " ") +
         "-provider smartcmd -provider default";
}

void check_openssl_configuration(Examination& examination) {
  const OpensslConfiguration configuration = OpensslConfiguration::read();
  const Value file{"file", configuration.file.native()};
  if (!configuration.readable) {
    examination.problem(filled(_("openssl.cnf: OpenSSL reads {file}, which is missing or wrong. Correct it, or unset "
                                 "$OPENSSL_CONF."),
                               {file}));
  } else if (!configuration.smartcmd) {
    examination.hint(filled(_("openssl.cnf: {file} does not activate SmartCMD's provider. Add the line '.include "
                              "{include}' at its end, or give each command '{options}'."),
                            {file,
                             {"include", SMARTCMD_OPENSSL_INCLUDE},
                             {"options", provider_options(examination.installation.provider)}}));
  } else if (!configuration.default_provider) {
    examination.problem(
        filled(_("openssl.cnf: {file} activates SmartCMD's provider but not the default one, without "
                 "which OpenSSL can do little else. Add 'activate = 1' to the default provider's section."),
               {file}));
  } else if (access(configuration.module.c_str(), R_OK) != 0 && configuration.module.is_absolute()) {
    examination.problem(
        filled(_("openssl.cnf: {file} names the provider {module}, which is not there. Correct 'module'."),
               {file, {"module", configuration.module.native()}}));
  } else {
    examination.sound(filled(configuration.default_first
                                 ? _("openssl.cnf: {file} activates the default provider, then SmartCMD's.")
                                 : _("openssl.cnf: {file} activates SmartCMD's provider, then the default one."),
                             {file}));
  }
}

// ---- p11-kit --------------------------------------------------------------------------------------------------------

/// Where p11-kit looks for modules (pkcs11.conf(5)): for root not at home.
std::vector<fs::path> p11_kit_directories() {
  std::vector<fs::path> directories{SMARTCMD_P11_PACKAGE_MODULES, SMARTCMD_P11_SYSTEM_MODULES};
  if (getuid() != 0) directories.push_back(fs::path(g_get_user_config_dir()) / "pkcs11/modules");
  return directories;
}

/// The library that a module's file names; empty for one that runs elsewhere.
fs::path library_of(const fs::path& module_file) {
  constexpr std::string_view key = "module:";
  std::ifstream file(module_file);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto begin = line.find_first_not_of(" \t", key.size());
    return begin == std::string::npos ? "" : fs::path(SMARTCMD_P11_MODULES) / line.substr(begin);
  }
  return {};
}

/// Whether a module's file is there to stay: that of a sandbox counts in that sandbox alone.
bool counts_here(const fs::path& module_file) {
  return !is_module_of_sandbox(module_file) || module_file.stem() == surrounding_sandbox().filename();
}

void check_p11_kit(Examination& examination) {
  const fs::path& ours = examination.installation.pkcs11_module;
  if (access(ours.c_str(), R_OK) != 0) {
    examination.problem(filled(_("PKCS #11: {file} is missing. Install SmartCMD again."), {{"file", ours.native()}}));
    return;
  }
  for (const fs::path& directory : p11_kit_directories()) {
    std::error_code missing;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, missing)) {
      if (is_left_by_sandbox(entry.path()))
        examination.hint(
            filled(_("PKCS #11: root's sandbox was killed and has left {file}. The next one that root starts "
                     "removes it, and so does 'sudo rm {file}'."),
                   {{"file", entry.path().native()}}));
      if (entry.path().extension() != ".module" || !counts_here(entry.path()) ||
          !fs::equivalent(library_of(entry.path()), ours, missing))
        continue;
      examination.sound(
          filled(_("PKCS #11: p11-kit knows the module from {file}."), {{"file", entry.path().native()}}));
      return;
    }
  }
  examination.problem(filled(_("PKCS #11: p11-kit does not know the module. Write the line 'module: {module}' into "
                               "{directory}/smartcmd.module, or install SmartCMD again."),
                             {{"module", ours.native()}, {"directory", p11_kit_directories().back().native()}}));
}

// ---- NSS ------------------------------------------------------------------------------------------------------------

void check_nss(Examination& examination) {
  const std::string ours = examination.installation.pkcs11_module.filename();
  for (const NssDatabase& database : find_nss_databases()) {
    if (database.isolated) continue;
    const std::initializer_list<Value> values{{"program", database.program},
                                              {"directory", database.directory.native()}};
    if (database.lists(ours) || database.lists("p11-kit-proxy.so")) {
      examination.sound(filled(_("NSS: {program} knows the module ({directory})."), values));
    } else {
      examination.hint(filled(
          _("NSS: {program} does not know the module ({directory}). To sign there, run 'smartcmd nss add'."), values));
    }
  }
}

constexpr Check checks[] = {check_provider, check_openssl_configuration, check_p11_kit, check_nss};

}  // namespace

std::span<const Check> programs_checks() {
  return checks;
}

}  // namespace smartcmd
