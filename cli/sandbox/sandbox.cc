// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <array>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/installation.h"
#include "cli/processes.h"
#include "cli/sandbox/files.h"
#include "cli/sandbox/p11_kit.h"
#include "cli/sandbox/phone.h"
#include "documents/certificate_text.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

/// Starting a service generates RSA keys, which is a matter of luck and of the machine.
constexpr std::chrono::seconds step_limit{120};

constexpr Help sandbox_help = {
    N_("-- COMMAND [ARGUMENT…]"),
    N_("Starts a signing service of its own in a private temporary directory, enrols an account,\n"
       "and runs COMMAND. Then it removes the service and its keys, and ends with COMMAND's exit\n"
       "status. COMMAND finds in its environment:\n"
       "  PATH                     this smartcmd before all others\n"
       "  OPENSSL_CONF             your OpenSSL configuration with the provider added\n"
       "  SMARTCMD_CONFIG          the accounts\n"
       "  SMARTCMD_PKCS11_MODULE   the PKCS#11 module, for programs that want its path\n"
       "  SMARTCMD_SANDBOX_CA      the authorities above the accounts: root and issuing CA (PEM)\n"
       "  SMARTCMD_SANDBOX_PIN     the accounts' signature PIN\n"
       "  SMARTCMD_SANDBOX_OUTBOX  the directory with the messages to the accounts' phones\n"
       "  XDG_CONFIG_HOME          links to your configuration, and the module for p11-kit. For root\n"
       "                           p11-kit reads only the system's configuration, so the module is\n"
       "                           registered there as long as the sandbox runs.\n"
       "\n"
       "Example:\n"
       "  smartcmd sandbox -- openssl cms -sign -binary -in FILE -signer cmd: -inkey cmd: \\\n"
       "    -outform DER -out FILE.p7s"),
    true};

/// How smartcmd begins its sentences.
constexpr std::string_view own_prefix = "smartcmd: ";

struct Person {
  const char* account;
  const char* label;
};

constexpr std::array<Person, 10> people = {{{"joana", "Joana"},
                                            {"tiago", "Tiago"},
                                            {"ines", "Inês"},
                                            {"rui", "Rui"},
                                            {"beatriz", "Beatriz"},
                                            {"duarte", "Duarte"},
                                            {"leonor", "Leonor"},
                                            {"joao", "João"},
                                            {"matilde", "Matilde"},
                                            {"simao", "Simão"}}};

struct Options {
  bool interactive = false;
  std::size_t accounts = 1;
  std::vector<std::string> command;
};

/// A signal that ends the sandbox before its command has begun.
struct Interrupted {
  int signal;
};

std::string phone_number(std::size_t person) {
  return "+351 " + std::to_string(910000000 + person);
}

class Sandbox {
 public:
  explicit Sandbox(Options options) : options_(std::move(options)) {}
  /// The exit status of the command.
  int run();

 private:
  void on_signal(int signal, bool from_terminal);
  void make_service();
  void start_service();
  void write_configuration();
  void enrol_accounts();
  void write_authorities();
  int run_command();
  Environment environment() const;
  void step(const char* failure, const std::vector<std::string>& argv, gchar** environment);
  bool wait(const std::function<bool()>& done) const;
  /// `sentence` has a {reason}.
  [[noreturn]] void fail(const char* sentence, const Child& child) const;

  const Options options_;
  const Installation installation_ = Installation::find();
  Signals signals_{[this](int signal, bool from_terminal) { on_signal(signal, from_terminal); }};
  std::optional<int> interrupted_;
  const PrivateDirectory directory_;
  const std::filesystem::path service_directory_ = directory_ / "service";
  const std::filesystem::path configuration_ = directory_ / "smartcmd.conf";
  const std::string pin_ = std::to_string(g_random_int_range(100000, 1000000));
  std::optional<P11KitConfiguration> p11_kit_;
  std::optional<Child> service_;
  std::optional<Phone> phone_;
  Child* command_ = nullptr;
};

/// So that COMMAND finds this smartcmd, and COMMAND itself may be one: it is looked for in our own PATH.
void put_first_in_path(const std::filesystem::path& directory) {
  const char* const path = g_getenv("PATH");
  const bool empty = path == nullptr || *path == '\0';
  g_setenv("PATH", (directory.native() + (empty ? "" : ":") + (empty ? "" : path)).c_str(), TRUE);
}

int Sandbox::run() {
  put_first_in_path(installation_.smartcmd.parent_path());
  try {
    make_service();
    start_service();
    write_configuration();
    enrol_accounts();
    write_authorities();
    return run_command();
  } catch (const Interrupted& interrupted) {
    return 128 + interrupted.signal;
  }
}

void Sandbox::on_signal(int signal, bool from_terminal) {
  // What the terminal sends, it sends to the command as well; it decides, and the sandbox waits for it.
  if (command_ != nullptr && !from_terminal) command_->send(signal);
  if (command_ == nullptr) interrupted_ = signal;
}

/// Runs the main loop until `done`; whether that came in time. Throws Interrupted.
bool Sandbox::wait(const std::function<bool()>& done) const {
  run_until([&] { return done() || interrupted_.has_value(); }, step_limit);
  if (interrupted_) throw Interrupted{*interrupted_};
  return done();
}

void Sandbox::fail(const char* sentence, const Child& child) const {
  std::string words = child.running() ? _("it took longer than two minutes.") : child.errors();
  if (words.starts_with(own_prefix)) words.erase(0, own_prefix.size());
  if (words.empty()) words = _("it does not say why.");
  throw Error(Errc::internal, filled(_(sentence), {{"reason", words}}));
}

void Sandbox::step(const char* failure, const std::vector<std::string>& argv, gchar** environment) {
  const Child child(argv, environment, Child::Kind::background);
  if (!wait([&] { return !child.running(); }) || child.exit_status() != exit_ok) fail(failure, child);
}

void Sandbox::make_service() {
  const Environment own(g_get_environ());
  step(N_("A signing service could not be made: {reason}"), {installation_.service, "init", service_directory_},
       own.get());
  write_file(directory_ / "pin", pin_ + "\n");
  for (std::size_t i = 0; i < options_.accounts; ++i)
    step(N_("An account could not be added to the signing service: {reason}"),
         {installation_.service, "account", "add", service_directory_, "--name", people[i].label, "--user-id",
          phone_number(i), "--pin-file", directory_ / "pin"},
         own.get());
}

void Sandbox::start_service() {
  const Environment own(g_get_environ());
  service_.emplace(std::vector<std::string>{installation_.service, "serve", service_directory_, "--die-with-parent"},
                   own.get(), Child::Kind::background);
  const auto ready = [this] { return service_->output().find('\n') != std::string::npos; };
  if (!wait([&] { return ready() || !service_->running(); }) || !ready())
    fail(N_("The signing service could not be started: {reason}"), *service_);
}

void Sandbox::write_configuration() {
  std::filesystem::path askpass;
  if (!options_.interactive) {
    askpass = directory_ / "askpass";
    write_file(askpass, askpass_script(directory_ / "pin", service_directory_ / "outbox"), 0700);
  }
  std::vector<SandboxAccount> accounts;
  for (std::size_t i = 0; i < options_.accounts; ++i)
    accounts.push_back({people[i].account, people[i].label, phone_number(i)});
  write_file(configuration_, accounts_configuration(service_directory_ / "client/service.conf", accounts,
                                                    directory_ / "state", askpass));
  write_file(directory_ / "openssl.cnf", openssl_configuration(installation_.provider));
  p11_kit_.emplace(installation_.pkcs11_module, directory_ / "config");
}

void Sandbox::enrol_accounts() {
  const Environment prepared = environment();
  for (std::size_t i = 0; i < options_.accounts; ++i)
    step(N_("An account could not be enrolled: {reason}"), {installation_.smartcmd, "enrol", people[i].account},
         prepared.get());
}

/// Whoever verifies needs the issuing authorities too: what a plain `openssl cms -sign` makes holds none of them.
void Sandbox::write_authorities() {
  const SigningService signing(Config::load(configuration_));
  const CertificateChain chain = signing.certificates(signing.config().account());
  std::string authorities;
  for (const Certificate& authority : chain.authorities()) authorities += to_pem(authority);
  write_file(directory_ / "ca.pem", authorities);
}

int Sandbox::run_command() {
  const Environment prepared = environment();
  if (options_.interactive) {
    phone_.emplace(service_directory_ / "outbox");
    complain(filled(_("The signature PIN is {pin}. Messages to the phone appear here."), {{"pin", pin_}}));
  }
  Child command(options_.command, prepared.get(), Child::Kind::foreground);
  command_ = &command;
  if (interrupted_) command.send(*interrupted_);
  run_until([&] { return !command.running(); });
  command_ = nullptr;
  if (!command.errors().empty()) complain(command.errors() + ".");
  if (!service_->running())
    complain(filled(_("The signing service ended by itself: {reason}"), {{"reason", service_->errors()}}));
  return command.exit_status();
}

Environment Sandbox::environment() const {
  Environment result(g_get_environ());
  const auto set = [&](const char* name, const std::string& value) {
    result.reset(g_environ_setenv(result.release(), name, value.c_str(), TRUE));
  };
  result.reset(g_environ_unsetenv(result.release(), "SMARTCMD_ASKPASS"));
  set("OPENSSL_CONF", directory_ / "openssl.cnf");
  set("SMARTCMD_CONFIG", configuration_);
  set("SMARTCMD_PKCS11_MODULE", installation_.pkcs11_module);
  set("SMARTCMD_SANDBOX_CA", directory_ / "ca.pem");
  set("SMARTCMD_SANDBOX_PIN", pin_);
  set("SMARTCMD_SANDBOX_OUTBOX", service_directory_ / "outbox");
  if (p11_kit_) p11_kit_->add_to(result);
  return result;
}

}  // namespace

int sandbox(std::span<char*> arguments) {
  gboolean interactive = FALSE;
  gint accounts = 1;
  const GOptionEntry entries[] = {
      {"interactive", 'i', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &interactive,
       N_("Ask you for PIN and one-time password, and show the messages to the phone"), nullptr},
      {"accounts", 'n', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &accounts, N_("How many accounts to enrol (1 to 10)"),
       "N"},
      {}};
  const auto operands = parse_options(arguments, entries, sandbox_help);
  if (!operands) return exit_usage;
  if (operands->empty()) return usage_error(_("Say which command to run, after \"--\"."));
  if (accounts < 1 || static_cast<std::size_t>(accounts) > people.size())
    return usage_error(_("--accounts takes a number from 1 to 10."));
  return Sandbox({interactive != FALSE, static_cast<std::size_t>(accounts), *operands}).run();
}

}  // namespace smartcmd
