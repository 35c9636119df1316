// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>
#include <signal.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/sign/batch.h"
#include "cli/sign/report.h"

namespace smartcmd {
namespace {

constexpr Help sign_help = {
    N_("FILE…"), N_("Signs each FILE and writes the signature beside it: FILE.p7s (CMS, CAdES-BES, in DER).\n"
                    "PIN and one-time password are asked once for up to 100 files; more are several batches.\n"
                    "\n"
                    "A file that the account has signed already is not signed again. So run the same command\n"
                    "again after an interruption, or when the timestamping authority did not answer: it does\n"
                    "only what is missing. Without --force it overwrites nothing else.\n"
                    "Among several files, those that are signatures themselves (*.p7s, *.p7m) are skipped.\n"
                    "\n"
                    "Keep each signature together with its file. Anybody can verify it, also without SmartCMD:\n"
                    "  openssl cms -verify -binary -inform DER -in FILE.p7s -content FILE \\\n"
                    "    -CAfile AUTHORITIES.pem -purpose any -out /dev/null\n"
                    "\n"
                    "Ends with status 0 when every file is signed, 1 when some are not, and 2 when the\n"
                    "arguments are wrong. A signal that interrupts it also ends it.")};

/// The options as GLib reads them.
struct Arguments {
  char* account = nullptr;
  char* out_dir = nullptr;
  char* name = nullptr;
  char* md = nullptr;
  char* commitment = nullptr;
  char* tsa = nullptr;
  char* tsa_ca = nullptr;
  char* evidence = nullptr;
  gboolean attached = FALSE;
  gboolean one_by_one = FALSE;
  gboolean force = FALSE;
  gboolean json = FALSE;
  gboolean policy = FALSE;

  Arguments() = default;
  ~Arguments() {
    for (char* text : {account, out_dir, name, md, commitment, tsa, tsa_ca, evidence}) g_free(text);
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
};

std::vector<GOptionEntry> entries_for(Arguments& into) {
  const auto text = [](const char* name, char** value, const char* help, const char* what) {
    return GOptionEntry{name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, value, help, what};
  };
  const auto flag = [](const char* name, gboolean* value, const char* help) {
    return GOptionEntry{name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, value, help, nullptr};
  };
  return {
      text("account", &into.account, N_("The account that signs, if not the default one"), N_("ACCOUNT")),
      flag("one-by-one", &into.one_by_one, N_("Ask for PIN and one-time password for each file")),
      flag("attached", &into.attached, N_("Put the file into its signature, FILE.p7m")),
      text("out-dir", &into.out_dir, N_("Write the signatures into DIR"), N_("DIR")),
      flag("force", &into.force, N_("Sign anew, and overwrite what exists")),
      flag("json", &into.json, N_("Print one JSON document")),
      text("tsa", &into.tsa, N_("Add a timestamp (RFC 3161) by the authority at URL: CAdES-T"), N_("URL")),
      text("tsa-ca", &into.tsa_ca, N_("Trust only the authorities in FILE (PEM) for https and the timestamps"),
           N_("FILE")),
      flag("policy", &into.policy, N_("Name the policy of Chave Móvel Digital: CAdES-EPES")),
      text("commitment", &into.commitment,
           N_("Say what the signature means: origin, receipt, delivery, sender, approval or creation"), N_("TYPE")),
      text("md", &into.md, N_("Hash with sha256 (the default), sha384 or sha512"), N_("HASH")),
      text("name", &into.name, N_("Show the document under NAME instead of that of FILE"), N_("NAME")),
      text("evidence", &into.evidence, N_("Keep a record of each signature in DIR, with copies of the files"),
           N_("DIR")),
      {},
  };
}

std::string text_of(const char* text) {
  return text != nullptr ? text : "";
}

const HashInfo* hash_of(const Arguments& arguments) {
  const HashInfo* hash = find_hash(arguments.md != nullptr ? arguments.md : "sha256");
  return hash != nullptr && HashSet::sha2().has(hash->hash) ? hash : nullptr;
}

// What is wrong with the arguments, a sentence; empty when nothing is.
std::string fault_of(const Arguments& arguments, const std::vector<std::string>& files) {
  if (files.empty()) return _("Say which files to sign.");
  if (arguments.name != nullptr && files.size() > 1) return _("--name goes with one FILE.");
  if (arguments.tsa_ca != nullptr && arguments.tsa == nullptr) return _("--tsa-ca goes with --tsa.");
  if (hash_of(arguments) == nullptr) return _("--md takes sha256, sha384 or sha512.");
  if (arguments.commitment != nullptr && find_commitment(arguments.commitment) == nullptr)
    return _("--commitment takes origin, receipt, delivery, sender, approval or creation.");
  return {};
}

SignOptions options_of(const Arguments& arguments) {
  SignOptions options;
  options.out_dir = text_of(arguments.out_dir);
  options.evidence = text_of(arguments.evidence);
  options.name = text_of(arguments.name);
  if (arguments.tsa != nullptr) options.timestamps.emplace(arguments.tsa, text_of(arguments.tsa_ca));
  options.properties.with_policy = arguments.policy != FALSE;
  options.properties.commitment = find_commitment(text_of(arguments.commitment));
  options.hash = hash_of(arguments)->hash;
  options.attached = arguments.attached != FALSE;
  options.one_by_one = arguments.one_by_one != FALSE;
  options.force = arguments.force != FALSE;
  return options;
}

int sign_all(const std::vector<std::string>& files, SignOptions& options, const std::string& account, bool json) {
  const SigningService signing(Config::load());
  BatchSigner signer(signing, signing.config().account(account, "--account="), options);
  if (!options.out_dir.empty()) make_directory(options.out_dir, 0777, Errc::invalid_argument);
  if (!options.evidence.empty()) make_directory(options.evidence, 0700, Errc::invalid_argument);
  std::vector<SignJob> jobs = plan(files, options);
  int ended_by = 0;
  {
    Interruption interruption;
    signer.examine(jobs, interruption);
    print_failures(jobs);
    signer.run(jobs, interruption);
    ended_by = interruption.signal();
  }
  json ? print_summary_json(jobs, signer.reason()) : print_summary(jobs, signer.reason());
  if (ended_by != 0) end_by(ended_by);
  return all_done(jobs) ? exit_ok : exit_error;
}

}  // namespace

int sign(std::span<char*> arguments) {
  Arguments given;
  const std::vector<GOptionEntry> entries = entries_for(given);
  const auto files = parse_options(arguments, entries.data(), sign_help);
  if (!files) return exit_usage;
  if (const std::string fault = fault_of(given, *files); !fault.empty()) return usage_error(fault);
  SignOptions options;
  try {
    options = options_of(given);
  } catch (const Error& error) {
    return usage_error(error.what());
  }
  // A timestamping authority that hangs up and a file that may not grow are errors, not our end.
  for (const int ending : {SIGPIPE, SIGXFSZ}) signal(ending, SIG_IGN);
  return sign_all(*files, options, text_of(given.account), given.json != FALSE);
}

}  // namespace smartcmd
