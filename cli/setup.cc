// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/secret_file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/configuration/config_file.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/console/questions.h"
#include "cli/service_check.h"
#include "documents/certificate_text.h"
#include "signing/certificate_file.h"
#include "signing/config.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

constexpr Help setup_help = {
    nullptr,
    N_("Asks how a signing service is reached, and writes your answers into your configuration. It does not ask for\n"
       "what an option says. You type the password, or name a file that only you may read. No option takes the\n"
       "password itself, because every user of the machine sees the arguments of a program. At the end the service\n"
       "is asked whether it accepts user name and password; it sends nobody a message.\n"
       "\n"
       "ARTE (formerly AMA) is the Portuguese agency that runs Chave Móvel Digital. It gives an organisation that has\n"
       "an agreement with it: an application id, a user name, a password, and the certificate that encrypts phone\n"
       "number, PIN and one-time password.\n"
       "\n"
       "If the service is configured already, --encryption-certificate alone adds a certificate to those that it\n"
       "has. The newest that is valid is used.")};

struct KnownService {
  std::string_view option;
  const char* name;  ///< in the configuration
  const char* endpoint;
};

constexpr KnownService known_services[] = {
    {"production", "cmd", "https://cmd.autenticacao.gov.pt/Ama.Authentication.Frontend/SCMDService.svc"},
    {"preproduction", "cmd-preproduction",
     "https://preprod.cmd.autenticacao.gov.pt/Ama.Authentication.Frontend/SCMDService.svc"},
};

/// What the options say.
struct Given {
  OptionText service;
  OptionText endpoint;
  OptionText application_id;
  OptionText username;
  OptionText password_file;
  OptionText encryption_certificate;
  OptionText ca_file;
  gboolean force = FALSE;
  gboolean offline = FALSE;
};

/// One value of a service: how it is asked for, and the option that gives it.
struct Question {
  const char* key;
  const char* question;
  OptionText Given::*given;
};

constexpr Question address = {"endpoint", N_("Its address (https://…):"), &Given::endpoint};
constexpr Question application_id = {"application-id", N_("Application id (00000000-0000-0000-0000-000000000000):"),
                                     &Given::application_id};
constexpr Question username = {"username", N_("User name:"), &Given::username};
constexpr Question encryption_certificate = {"encryption-certificate",
                                             N_("File with the certificate that encrypts PIN and phone number:"),
                                             &Given::encryption_certificate};

/// Throws when it is wrong.
using AnswerCheck = std::function<void(const std::string&)>;

/// Whoever ends the input at a terminal has changed their mind.
Error no_answer(const std::string& option) {
  if (isatty(STDIN_FILENO) == 1) return {Errc::cancelled, _("You ended the input. Nothing was changed.")};
  return {Errc::invalid_argument,
          filled(_("There is no answer. Run this in a terminal, or give {option}."), {{"option", option}})};
}

/// One host has several services: what is behind its name says which.
void require_path(const std::string& url) {
  const std::size_t host = url.find("://");
  if (host != std::string::npos && url.find('/', host + 3) != std::string::npos) return;
  throw Error(Errc::invalid_argument,
              _("An address has a path, such as /SCMDService.svc. Ask the operator of the service for all of it."));
}

/// The answer to a question; it is asked again until that is right.
std::string good_answer(const std::string& question, const std::string& option, const AnswerCheck& check) {
  while (const auto answer = ask(question)) {
    try {
      check(*answer);
      return *answer;
    } catch (const Error& error) {
      complain(error.what());
    }
  }
  throw no_answer(option);
}

/// The file that a person names: "~/" is their home.
fs::path named_file(const std::string& name) {
  if (name.starts_with("~/")) return fs::path(g_get_home_dir()) / name.substr(2);
  return fs::absolute(name);
}

class Setup {
 public:
  explicit Setup(const Given& given) : given_(given) {}
  int run();

 private:
  void explain() const;
  void choose_service();
  bool may_write() const;
  bool only_adds_certificate() const;
  int add_certificate();
  void ask_everything();
  std::string value(const Question& question, const AnswerCheck& check = {}) const;
  SecureString password() const;
  std::string authorities() const;
  void read_certificate(const std::string& name);
  void write();
  void check() const;

  const Given& given_;
  const fs::path directory_ = Config::persons_file().parent_path();
  std::string name_;
  const KnownService* known_ = nullptr;
  std::vector<std::pair<const char*, std::string>> values_;
  std::string certificate_;  ///< PEM
  std::string mark_;         ///< the beginning of its fingerprint
  SecureString password_;
};

int Setup::run() {
  explain();
  choose_service();
  if (only_adds_certificate()) return add_certificate();
  if (!may_write()) {
    complain(_("Nothing was changed. --force replaces what is configured."));
    return exit_error;
  }
  ask_everything();
  write();
  if (given_.offline == FALSE) check();
  say(_("Next: smartcmd enrol NAME, where NAME is what you want to call your account."));
  return exit_ok;
}

void Setup::explain() const {
  if (!given_.service.given()) {
    say(
        _("Chave Móvel Digital is known as \"production\" and, to test applications, as \"preproduction\". ARTE\n"
          "(formerly AMA, www.autenticacao.gov.pt) runs it, and gives your organisation application id, user name,\n"
          "password and encryption certificate. You choose the name of any other operator's service."));
  }
}

void Setup::choose_service() {
  const auto check = [](const std::string& name) { Config::check("service", "", name); };
  name_ = given_.service.text();
  if (name_.empty()) {
    name_ = good_answer(_("Service (production, preproduction, or a name of yours):"), "--service", check);
  } else {
    check(name_);
  }
  for (const KnownService& known : known_services) {
    if (name_ == known.option) known_ = &known;
  }
  if (known_ != nullptr) name_ = known_->name;
}

/// The operator has issued another one, and all else is as it was.
bool Setup::only_adds_certificate() const {
  const OptionText Given::*others[] = {&Given::endpoint, &Given::application_id, &Given::username,
                                       &Given::password_file, &Given::ca_file};
  const bool alone = std::none_of(std::begin(others), std::end(others),
                                  [this](const OptionText Given::*other) { return (given_.*other).given(); });
  return given_.encryption_certificate.given() && alone && given_.force == FALSE &&
         !ConfigFile().value("service " + name_, encryption_certificate.key).empty();
}

int Setup::add_certificate() {
  value(encryption_certificate, [this](const std::string& name) { read_certificate(name); });
  const std::string group = "service " + name_;
  const std::string key = encryption_certificate.key;
  const Config config = Config::load();
  const auto service = std::find_if(config.services().begin(), config.services().end(),
                                    [this](const Service& one) { return one.name == name_; });
  for (const fs::path& file : service->encryption_certificates) {
    if (!fs::exists(file) || to_pem(read_encryption_certificate(file)) != certificate_) continue;
    say(filled(_("The service '{service}' has this certificate already, in {file}."),
               {{"service", name_}, {"file", file.native()}}));
    return exit_ok;
  }
  const std::string file = name_ + "-encryption-" + mark_ + ".pem";
  const auto place = ConfigFile::change([&](ConfigFile& in) { in.set(group, key, in.value(group, key) + ";" + file); },
                                        [&] { write_private(directory_ / file, certificate_); });
  say(filled(
      _("The service '{service}' has another encryption certificate in {file}; the newest that is valid is used."),
      {{"service", name_}, {"file", place.native()}}));
  return exit_ok;
}

/// What the person names as encryption certificate; that its end is near or past is no reason to refuse it.
void Setup::read_certificate(const std::string& name) {
  const Certificate certificate = read_encryption_certificate(named_file(name));
  certificate_ = to_pem(certificate);
  mark_ = to_hex(certificate.fingerprint()).substr(0, 8);
  const char* hint =
      has_expired(certificate) ? N_("The encryption certificate expired on {day}. Ask the operator of the "
                                    "service whether there is a new one.")
      : expires_within(certificate, std::chrono::days(60))
          ? N_("The encryption certificate is valid until {day} only. Ask the operator of the service for "
               "the next one in time.")
          : nullptr;
  if (hint != nullptr) complain(filled(_(hint), {{"day", certificate.valid_until()}}));
}

bool Setup::may_write() const {
  const ConfigFile file;
  if (!file.has("service " + name_) || given_.force != FALSE) return true;
  return confirmed(filled(_("{file} has a service '{service}' already. Replace it?"),
                          {{"file", file.path().native()}, {"service", name_}}));
}

/// What the option says, else what the person answers.
std::string Setup::value(const Question& question, const AnswerCheck& check) const {
  const auto checked = [&](const std::string& answer) {
    Config::check("service", question.key, answer);
    if (check) check(answer);
  };
  const std::string option = std::string("--") + question.key;
  if (const OptionText& given = given_.*question.given; given.given()) {
    try {
      checked(given.text());
      return given.text();
    } catch (const Error& error) {
      throw Error(error.code(), option + ": " + error.message());
    }
  }
  return good_answer(_(question.question), option, checked);
}

SecureString Setup::password() const {
  if (given_.password_file.given()) return read_secret_file(named_file(given_.password_file.text()));
  SecureString typed = ask_secret(_("Password (not shown):"));
  if (typed.empty()) throw no_answer("--password-file");
  return typed;
}

void Setup::ask_everything() {
  const bool own_address = known_ == nullptr || given_.endpoint.given();
  values_.emplace_back("driver", "scmd");
  values_.emplace_back("endpoint", own_address ? value(address, require_path) : known_->endpoint);
  values_.emplace_back("application-id", value(application_id));
  values_.emplace_back("username", value(username));
  password_ = password();
  value(encryption_certificate, [this](const std::string& name) { read_certificate(name); });
  values_.emplace_back("password-file", name_ + "-password");
  values_.emplace_back("encryption-certificate", name_ + "-encryption.pem");
  if (const std::string file = authorities(); !file.empty()) values_.emplace_back("ca-file", named_file(file));
}

/// The file with those above the service's TLS certificate; empty for the system's, which the known services have. Who
/// is not at a terminal gives the option.
std::string Setup::authorities() const {
  const auto check = [](const std::string& file) {
    if (!file.empty()) require_certificates(named_file(file));
  };
  if (!given_.ca_file.given() && known_ == nullptr && isatty(STDIN_FILENO) == 1)
    return good_answer(_("File with the authorities above its TLS certificate (empty for the system's):"), "--ca-file",
                       check);
  check(given_.ca_file.text());
  return given_.ca_file.text();
}

void Setup::write() {
  const auto set_values = [this](ConfigFile& file) {
    for (const auto& [key, value] : values_) file.set("service " + name_, key, value);
  };
  const auto write_files = [this] {
    write_private(directory_ / (name_ + "-encryption.pem"), certificate_);
    write_private(directory_ / (name_ + "-password"), password_.view());
  };
  const auto place = ConfigFile::change(set_values, write_files);
  say(filled(_("The service '{service}' is configured in {file}."), {{"service", name_}, {"file", place.native()}}));
}

/// What can be told without an account, and costs nothing. A failure may be the network's: what is written stays.
void Setup::check() const {
  try {
    check_service(name_);
    say(filled(_("The service '{service}' answers, is who it says, and accepts user name and password."),
               {{"service", name_}}));
  } catch (const Error& error) {
    complain(
        filled(_("The configuration is written, but the service could not be used just now: {reason} Run 'smartcmd "
                 "doctor' to ask it again."),
               {{"reason", error.what()}}));
  }
}

}  // namespace

int setup(std::span<char*> arguments) {
  Given given;
  const GOptionEntry entries[] = {
      {"service", 's', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.service.slot(),
       N_("production or preproduction of Chave Móvel Digital, or a name of yours"), "production|preproduction|…"},
      {"endpoint", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.endpoint.slot(), N_("The service's address"),
       N_("URL")},
      {"application-id", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.application_id.slot(),
       N_("As the operator of the service issued it"), N_("ID")},
      {"username", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.username.slot(),
       N_("As the operator of the service issued it"), N_("NAME")},
      {"password-file", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, given.password_file.slot(),
       N_("The password is this file's first line"), N_("FILE")},
      {"encryption-certificate", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, given.encryption_certificate.slot(),
       N_("The certificate that encrypts PIN and phone number, PEM or DER"), N_("FILE")},
      {"ca-file", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, given.ca_file.slot(),
       N_("The authorities above the service's TLS certificate, where the system's will not do"), N_("FILE")},
      {"force", 'f', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &given.force,
       N_("Replace the service where it is configured"), nullptr},
      {"offline", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &given.offline, N_("Do not ask the service at the end"),
       nullptr},
      {}};
  const auto operands = parse_options(arguments, entries, setup_help);
  if (!operands) return exit_usage;
  if (!operands->empty()) return usage_error(_("setup takes no arguments."));
  return Setup(given).run();
}

}  // namespace smartcmd
