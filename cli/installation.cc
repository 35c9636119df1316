// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/installation.h"

#include <glib.h>
#include <unistd.h>

#include <string>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

Installation in_build_tree(const fs::path& program) {
  const fs::path tree = program.parent_path().parent_path();
  return {.smartcmd = program,
          .service = tree / "service/smartcmdd",
          .agent = tree / "agent/smartcmd-agent",
          .provider = tree / "provider/smartcmd.so",
          .pkcs11_module = tree / "p11kit-module/smartcmd-pkcs11.so",
          .translations = tree / "po",
          .build_tree = true};
}

Installation installed(const fs::path& program) {
  return {.smartcmd = program,
          .service = SMARTCMD_SERVICE_PATH,
          .agent = SMARTCMD_AGENT_PATH,
          .provider = SMARTCMD_PROVIDER_PATH,
          .pkcs11_module = SMARTCMD_PKCS11_MODULE_PATH,
          .translations = {}};
}

void require(const fs::path& part, int access_mode) {
  if (access(part.c_str(), access_mode) != 0)
    throw Error(Errc::internal, filled(_("A part of SmartCMD is missing: {file}. Build or install all of it."),
                                       {{"file", part.native()}}));
}

Installation installation_of(const fs::path& program) {
  const bool build_tree = program.parent_path().filename() == "cli" &&
                          access((program.parent_path() / "../provider/smartcmd.so").c_str(), F_OK) == 0;
  return build_tree ? in_build_tree(program) : installed(program);
}

}  // namespace

Installation Installation::expected() {
  return installation_of(fs::read_symlink("/proc/self/exe"));
}

Installation Installation::find() {
  Installation installation = expected();
  require(installation.service, X_OK);
  require(installation.agent, X_OK);
  require(installation.provider, R_OK);
  require(installation.pkcs11_module, R_OK);
  return installation;
}

void prefer_build_tree() {
  const Installation installation = Installation::expected();
  if (!installation.build_tree) return;
  g_setenv("SMARTCMD_AGENT", installation.agent.c_str(), FALSE);
  g_setenv("SMARTCMD_LOCALEDIR", installation.translations.c_str(), FALSE);
}

}  // namespace smartcmd
