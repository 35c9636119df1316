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

Layout in_build_tree(const fs::path& program) {
  const fs::path tree = program.parent_path().parent_path();
  return {.smartcmd = program,
          .service = tree / "service/smartcmdd",
          .agent = tree / "agent/smartcmd-agent",
          .provider = tree / "provider/smartcmd.so",
          .pkcs11_module = tree / "p11kit-module/smartcmd-pkcs11.so",
          .translations = tree / "po",
          .build_tree = true};
}

Layout installed(const fs::path& program) {
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

Layout layout_of(const fs::path& program) {
  const bool build_tree = program.parent_path().filename() == "cli" &&
                          access((program.parent_path() / "../provider/smartcmd.so").c_str(), F_OK) == 0;
  return build_tree ? in_build_tree(program) : installed(program);
}

}  // namespace

Layout Layout::expected() {
  return layout_of(fs::read_symlink("/proc/self/exe"));
}

Layout Layout::find() {
  Layout layout = expected();
  require(layout.service, X_OK);
  require(layout.agent, X_OK);
  require(layout.provider, R_OK);
  require(layout.pkcs11_module, R_OK);
  return layout;
}

void prefer_build_tree() {
  const Layout layout = Layout::expected();
  if (!layout.build_tree) return;
  g_setenv("SMARTCMD_AGENT", layout.agent.c_str(), FALSE);
  g_setenv("SMARTCMD_LOCALEDIR", layout.translations.c_str(), FALSE);
}

}  // namespace smartcmd
