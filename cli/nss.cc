// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/installation.h"
#include "cli/processes.h"
#include "cli/programs/nss_databases.h"
#include "cli/sandbox/files.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

constexpr Help nss_help = {
    N_("add|remove"),
    N_("Adds SmartCMD's PKCS #11 module to the programs that use NSS, or removes it. These are Firefox,\n"
       "Thunderbird, Chromium and, through the first two, LibreOffice. Close them first. Without --database the\n"
       "databases in your home directory are changed. If there are none, --create makes one in ~/.pki/nssdb.")};

constexpr std::chrono::seconds tool_limit{60};

/// What became of one database.
struct Result {
  bool failed;
  std::string sentence;
};

std::string about(const NssDatabase& database, const char* sentence, const std::string& reason = {}) {
  return filled(_(sentence),
                {{"program", database.program}, {"directory", database.directory.native()}, {"reason", reason}});
}

/// Runs a tool of libnss3-tools; its complaint, or nothing.
std::string run_tool(const std::vector<std::string>& argv) {
  const Value tool{"tool", argv.front()};
  const Environment environment(g_get_environ());
  const Child child(argv, environment.get(), Child::Kind::background);
  if (!run_until([&] { return !child.running(); }, tool_limit))
    return filled(_("{tool} did not end within a minute."), {tool});
  if (child.exit_status() == 0) return {};
  if (child.exit_status() == 127)
    return filled(_("{tool} is missing. Install it; on Debian it is in libnss3-tools."), {tool});
  return child.errors().empty()
             ? filled(_("{tool} ended with status {status}."), {tool, {"status", std::to_string(child.exit_status())}})
             : child.errors();
}

std::string modutil(const NssDatabase& database, std::vector<std::string> arguments) {
  std::vector<std::string> argv{"modutil", "-dbdir", "sql:" + database.directory.native(), "-force"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_tool(argv);
}

/// Makes the database where there is none; its password is empty, as that of a new profile.
void create(const NssDatabase& database) {
  if (database.exists()) return;
  std::string complaint;
  if (g_mkdir_with_parents(database.directory.c_str(), 0700) != 0) {
    complaint = std::string(g_strerror(errno)) + ".";
  } else {
    complaint = run_tool({"certutil", "-N", "-d", "sql:" + database.directory.native(), "--empty-password"});
  }
  if (!complaint.empty())
    throw Error(Errc::invalid_argument,
                about(database, N_("No database of NSS could be made in {directory}: {reason}"), complaint));
  say(about(database, N_("A database of NSS was made in {directory}.")));
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
  if (!database.exists())
    return {true, about(database, N_("{directory} holds no database of NSS (cert9.db). --create makes one."))};
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

const Verb* find_verb(const std::vector<std::string>& operands) {
  if (operands.size() != 1) return nullptr;
  const auto* verb =
      std::find_if(std::begin(verbs), std::end(verbs), [&](const Verb& one) { return one.name == operands.front(); });
  return verb == std::end(verbs) ? nullptr : verb;
}

/// Those that are named; else those that are found, or the one that programs without a profile use.
std::vector<NssDatabase> chosen(gchar** directories, bool create_one) {
  if (directories != nullptr) return named(directories);
  std::vector<NssDatabase> found = find_nss_databases();
  if (found.empty() && create_one) found.push_back(nss_database(fs::path(g_get_home_dir()) / ".pki/nssdb"));
  return found;
}

int act_on(const std::vector<NssDatabase>& databases, Action action) {
  bool failed = false;
  for (const NssDatabase& database : databases) {
    const Result result = act(action, database, Installation::expected().pkcs11_module);
    result.failed ? complain(result.sentence) : say(result.sentence);
    failed = failed || result.failed;
  }
  return failed ? exit_error : exit_ok;
}

}  // namespace

int nss(std::span<char*> arguments) {
  gchar** directories = nullptr;
  gboolean create_one = FALSE;
  const GOptionEntry entries[] = {{"database", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &directories,
                                   N_("This database instead; can be given several times"), N_("DIR")},
                                  {"create", 'c', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &create_one,
                                   N_("With add: make the database where there is none"), nullptr},
                                  {}};
  const auto operands = parse_options(arguments, entries, nss_help);
  const CPtr<gchar*, g_strfreev> owned(directories);
  if (!operands) return exit_usage;
  const Verb* verb = find_verb(*operands);
  if (verb == nullptr) return usage_error(_("Say add or remove."));
  if (verb->action != add && create_one != FALSE) return usage_error(_("--create goes with add."));
  if (verb->action == add && directories == nullptr && !surrounding_sandbox().empty()) {
    complain(
        _("The databases in your home directory are no part of this sandbox: its module would stay in them. Name one "
          "with --database."));
    return exit_error;
  }
  const std::vector<NssDatabase> databases = chosen(directories, create_one != FALSE);
  if (databases.empty())
    say(
        _("No database of NSS was found. Firefox and Thunderbird make one when they first start; for other programs "
          "'smartcmd nss add --create' does."));
  if (create_one != FALSE)
    for (const NssDatabase& database : databases) create(database);
  return act_on(databases, verb->action);
}

}  // namespace smartcmd
