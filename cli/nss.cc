// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/installation.h"
#include "cli/processes.h"
#include "cli/programs/nss_databases.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

constexpr Help nss_help = {
    N_("add|remove"),
    N_("Has the programs that use NSS – Firefox, Thunderbird, Chromium and, through the first two, LibreOffice –\n"
       "load SmartCMD's PKCS #11 module, or no longer do so. They must not run meanwhile. Without --database\n"
       "the databases in your home directory are taken.")};

constexpr std::chrono::seconds modutil_limit{60};

/// What became of one database.
struct Result {
  bool failed;
  std::string sentence;
};

std::string about(const NssDatabase& database, const char* sentence, const std::string& reason = {}) {
  return filled(_(sentence),
                {{"program", database.program}, {"directory", database.directory.native()}, {"reason", reason}});
}

/// Runs modutil (libnss3-tools) on the database; its complaint, or nothing.
std::string modutil(const NssDatabase& database, std::vector<std::string> arguments) {
  std::vector<std::string> argv{"modutil", "-dbdir", "sql:" + database.directory.native(), "-force"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Environment environment(g_get_environ());
  const Child child(argv, environment.get(), Child::Kind::background);
  if (!run_until([&] { return !child.running(); }, modutil_limit)) return _("modutil did not end within a minute.");
  if (child.exit_status() == 0) return {};
  if (child.exit_status() == 127) return _("modutil is missing. Install it; on Debian it is in libnss3-tools.");
  return child.errors().empty()
             ? filled(_("modutil ended with status {status}."), {{"status", std::to_string(child.exit_status())}})
             : child.errors();
}

Result remove(const NssDatabase& database, const fs::path&) {
  if (database.our_library().empty())
    return {false, about(database, N_("{program}: the module is not there ({directory})."))};
  const std::string complaint = modutil(database, {"-delete", nss_module_name});
  if (!complaint.empty())
    return {true, about(database, N_("{program}: the module could not be removed ({directory}): {reason}"), complaint)};
  return {false, about(database, N_("{program}: the module was removed ({directory})."))};
}

Result add(const NssDatabase& database, const fs::path& module) {
  const fs::path present = database.our_library();
  if (present == module) return {false, about(database, N_("{program}: the module is there already ({directory})."))};
  if (!present.empty()) {  // of another installation
    if (Result removed = remove(database, module); removed.failed) return removed;
  }
  const std::string complaint = modutil(database, {"-add", nss_module_name, "-libfile", module});
  if (!complaint.empty())
    return {true, about(database, N_("{program}: the module could not be added ({directory}): {reason}"), complaint)};
  return {false, about(database, N_("{program}: the module was added ({directory})."))};
}

using Action = Result (*)(const NssDatabase& database, const fs::path& module);

Result act(Action action, const NssDatabase& database, const fs::path& module) {
  if (!database.exists()) return {true, about(database, N_("{directory} holds no database of NSS (cert9.db)."))};
  if (database.isolated)
    return {false, about(database, N_("{program}: it runs in a container of its own, which does not see the "
                                      "module ({directory}). docs/pkcs11.md tells what can be done."))};
  if (database.in_use())
    return {true, about(database, N_("{program}: it is running ({directory}). Close it and try again."))};
  return action(database, module);
}

std::vector<NssDatabase> named(gchar** directories) {
  std::vector<NssDatabase> databases;
  for (gchar** directory = directories; directory != nullptr && *directory != nullptr; ++directory) {
    std::string path = *directory;
    if (path.starts_with("sql:")) path.erase(0, 4);
    databases.push_back(nss_database(fs::absolute(path)));
  }
  return databases;
}

struct Verb {
  std::string_view name;
  Action action;
};

constexpr Verb verbs[] = {{"add", add}, {"remove", remove}};

}  // namespace

int nss(std::span<char*> arguments) {
  gchar** directories = nullptr;
  const GOptionEntry entries[] = {{"database", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &directories,
                                   N_("This database instead; can be given several times"), N_("DIR")},
                                  {}};
  const auto operands = parse_options(arguments, entries, nss_help);
  const CPtr<gchar*, g_strfreev> owned(directories);
  if (!operands) return exit_usage;
  const auto* verb =
      operands->size() != 1 ? std::end(verbs) : std::find_if(std::begin(verbs), std::end(verbs), [&](const Verb& one) {
        return one.name == operands->front();
      });
  if (verb == std::end(verbs)) return usage_error(_("Say add or remove."));

  const std::vector<NssDatabase> databases = directories == nullptr ? find_nss_databases() : named(directories);
  if (databases.empty())
    say(_("No database of NSS was found. Firefox and Thunderbird make one when they first start."));
  bool failed = false;
  for (const NssDatabase& database : databases) {
    const Result result = act(verb->action, database, Layout::expected().pkcs11_module);
    if (result.failed) {
      complain(result.sentence);
      failed = true;
    } else {
      say(result.sentence);
    }
  }
  return failed ? exit_error : exit_ok;
}

}  // namespace smartcmd
