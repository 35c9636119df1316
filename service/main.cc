// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/c_ptr.h"
#include "base/error.h"
#include "service/accounts.h"
#include "service/authority.h"
#include "service/files.h"
#include "service/serve.h"
#include "service/settings.h"
#include "service/setup.h"
#include "signing/certificate.h"

namespace smartcmd::service {

namespace {

namespace fs = std::filesystem;

constexpr int exit_usage = 2;

/// A command line no command accepts.
struct UsageError {
  std::string message;
};

// ---- what the options may say ----

struct Options {
  char* listen = nullptr;
  char* hsm_module = nullptr;
  char* name = nullptr;
  char* user_id = nullptr;
  char* pin_file = nullptr;
  gboolean die_with_parent = FALSE;

  Options() = default;
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() {
    for (char* text : {listen, hsm_module, name, user_id, pin_file}) g_free(text);
  }
};

std::string text_of(const char* value, const char* otherwise = "") {
  return value ? value : otherwise;
}

std::string required(const char* value, const char* option) {
  if (!value) throw UsageError{std::string("The option ") + option + " is missing."};
  return value;
}

// ---- the commands ----

void init(const Options& options, const fs::path& directory) {
  set_up(directory, text_of(options.listen, Settings().listen.c_str()), text_of(options.hsm_module));
}

/// Gives the person a key that this PIN opens, in place of the one there is. `keep` is to certify it and to write it
/// down; where it throws, all is as before.
template <class Keep>
void give_key(const Settings& settings, Person& person, const SecureString& pin, Keep keep) {
  Hsm hsm(settings.hsm_module, settings.hsm_token, read_secret(settings.hsm_pin_file));
  Keystore keystore(hsm);
  const Keystore::NewKey key = keystore.create(person.name, pin);
  const KeyRecord former = std::exchange(person.key, key.record);
  try {
    keep(key.public_key);
  } catch (...) {
    keystore.destroy(key.record);
    throw;
  }
  if (!former.id.empty()) keystore.destroy(former);
}

void add_account(const Options& options, const fs::path& directory) {
  Person person{required(options.user_id, "--user-id"), proper_name(required(options.name, "--name")), {}, {}, 0};
  const SecureString pin = read_secret(required(options.pin_file, "--pin-file"));
  enter(directory);
  const Settings settings = Settings::load();
  const Authority authority;
  Accounts accounts(settings.database);
  accounts.require_free(person.phone);
  give_key(settings, person, pin, [&](const RsaPublicKey& key) {
    person.certificate = authority.issue(person.name, key);
    accounts.add(person);
  });
}

Person known_person(const Accounts& accounts, const std::string& phone) {
  std::optional<Person> person = accounts.find(phone);
  if (!person) throw Error(Errc::unknown_account, "This phone number has no account.");
  return *std::move(person);
}

void renew_account(const Options& options, const fs::path& directory) {
  const std::string phone = required(options.user_id, "--user-id");
  const SecureString pin = read_secret(required(options.pin_file, "--pin-file"));
  enter(directory);
  const Settings settings = Settings::load();
  const Authority authority;
  Accounts accounts(settings.database);
  Person person = known_person(accounts, phone);
  give_key(settings, person, pin, [&](const RsaPublicKey& key) {
    person.certificate = authority.renew(person.certificate, key);
    accounts.renew(person);
  });
}

void list_accounts(const Options&, const fs::path& directory) {
  enter(directory);
  const Settings settings = Settings::load();
  for (const Person& person : Accounts(settings.database).all()) {
    const bool locked = is_locked(person, settings.pin_attempts);
    const std::string until = CertificateChain::from_pem(person.certificate).signer().valid_until();
    std::printf("%s\t%s\t%s%s\n", person.phone.c_str(), person.name.c_str(), until.c_str(), locked ? "\tlocked" : "");
  }
}

void unlock_account(const Options& options, const fs::path& directory) {
  const std::string phone = required(options.user_id, "--user-id");
  enter(directory);
  Accounts accounts(Settings::load().database);
  known_person(accounts, phone);
  accounts.forget_attempts(phone);
}

void serve_directory(const Options& options, const fs::path& directory) {
  if (options.die_with_parent) {
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return;  // it was faster
  }
  enter(directory);
  serve();
}

struct Command {
  const char* words;
  const char* summary;
  std::vector<GOptionEntry> (*options)(Options&);
  void (*run)(const Options&, const fs::path& directory);
};

GOptionEntry option(const char* name, char*& value, const char* help, const char* form) {
  return {name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &value, help, form};
}

GOptionEntry user_id_option(Options& options) {
  return option("user-id", options.user_id, "The person's phone number, as in '+351 910000000'", "PHONE");
}

GOptionEntry pin_file_option(Options& options) {
  return option("pin-file", options.pin_file,
                "A file with the signature PIN, 4 to 8 digits; '-' reads it from standard input", "FILE");
}

const Command command_table[] = {
    {"init", "Make a service in a new or empty directory.",
     [](Options& o) -> std::vector<GOptionEntry> {
       return {option("listen", o.listen, "Where to listen (127.0.0.1:0)", "ADDRESS:PORT"),
               option("hsm-module", o.hsm_module, "PKCS#11 module of the HSM (SoftHSM2)", "FILE")};
     },
     init},
    {"account add", "Give a person an account: a key in the HSM and a certificate.",
     [](Options& o) -> std::vector<GOptionEntry> {
       return {option("name", o.name, "The person's name", "NAME"), user_id_option(o), pin_file_option(o)};
     },
     add_account},
    {"account renew", "Give an account a new key and certificate, before the old one expires or for a PIN forgotten.",
     [](Options& o) -> std::vector<GOptionEntry> {
       return {user_id_option(o), pin_file_option(o)};
     },
     renew_account},
    {"account list",
     "List the accounts: phone number, name, the last day of the certificate, and whether it is locked.",
     [](Options&) -> std::vector<GOptionEntry> { return {}; }, list_accounts},
    {"account unlock", "Forget the wrong PINs and one-time passwords that locked an account.",
     [](Options& o) -> std::vector<GOptionEntry> { return {user_id_option(o)}; }, unlock_account},
    {"serve", "Serve until SIGTERM; prints the service's address and writes DIR/client/service.conf.",
     [](Options& o) -> std::vector<GOptionEntry> {
       return {{"die-with-parent", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &o.die_with_parent,
                "End when the process that started the service ends", nullptr}};
     },
     serve_directory},
};

// ---- the command line ----

using Arguments = CPtr<char*, g_strfreev>;

/// The arguments from `first` on, behind a name of the program.
Arguments arguments_from(char** argv, int first) {
  CPtr<GStrvBuilder, g_strv_builder_unref> builder(g_strv_builder_new());
  g_strv_builder_add(builder.get(), "smartcmdd");
  g_strv_builder_addv(builder.get(), const_cast<const char**>(argv + first));
  return Arguments(g_strv_builder_end(builder.get()));
}

void run(const Command& command, Arguments arguments) {
  Options options;
  std::vector<GOptionEntry> entries = command.options(options);
  entries.emplace_back();
  g_set_prgname((std::string("smartcmdd ") + command.words).c_str());
  const CPtr<GOptionContext, g_option_context_free> context(g_option_context_new("DIR"));
  g_option_context_set_summary(context.get(), command.summary);
  g_option_context_add_main_entries(context.get(), entries.data(), nullptr);
  GError* error = nullptr;
  char** vector = arguments.release();
  const bool good = g_option_context_parse_strv(context.get(), &vector, &error);
  arguments.reset(vector);
  const CPtr<GError, g_error_free> failure(error);
  if (!good) throw UsageError{failure->message};
  if (g_strv_length(vector) != 2) throw UsageError{"The command wants one directory, DIR."};
  command.run(options, vector[1]);
}

std::string overview() {
  std::string text = "Usage:\n";
  for (const Command& command : command_table) text += std::string("  smartcmdd ") + command.words + " DIR [OPTION…]\n";
  text += "\n";
  for (const Command& command : command_table) {
    text += std::string(command.words) + "\n    " + command.summary + "\n";
  }
  return text + "\n'smartcmdd COMMAND --help' describes the options.\n";
}

void dispatch(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  const std::string both = argc > 2 ? first + " " + argv[2] : "";
  for (const Command& command : command_table) {
    if (first == command.words) return run(command, arguments_from(argv, 2));
    if (both == command.words) return run(command, arguments_from(argv, 3));
  }
  if (first == "--help" || first == "-h") {
    std::fputs(overview().c_str(), stdout);
  } else {
    throw UsageError{first.empty() ? "A command is missing." : "There is no such command."};
  }
}

}  // namespace

}  // namespace smartcmd::service

int main(int argc, char** argv) {
  using namespace smartcmd::service;
  std::setlocale(LC_ALL, "");
  umask(S_IRWXG | S_IRWXO);  // all a service writes is its own
  try {
    dispatch(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw smartcmd::Error(smartcmd::Errc::internal, "The standard output cannot be written.");
    }
    return EXIT_SUCCESS;
  } catch (const UsageError& error) {
    g_printerr("smartcmdd: %s\n%s", error.message.c_str(), "Try 'smartcmdd --help'.\n");
    return exit_usage;
  } catch (const std::exception& error) {
    g_printerr("smartcmdd: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
