// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "base/error.h"
#include "base/file_trust.h"
#include "base/secret_file.h"
#include "base/text.h"
#include "cli/doctor/examination.h"
#include "documents/certificate_text.h"
#include "signing/certificate_file.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::days warning_time{30};             // before a certificate expires
constexpr std::chrono::days encryption_warning_time{60};  // the operator has to be asked for the next one

void check_configuration(Examination& examination) {
  try {
    examination.config = Config::load();
  } catch (const Error& error) {
    examination.problem(error.what());  // begins with "Configuration:"
    return;
  }
  const Config& config = *examination.config;
  if (config.services().empty()) {
    examination.problem(_("Configuration: no service is configured. Run 'smartcmd setup'."));
  } else if (config.accounts().empty()) {
    examination.problem(_(
        "Configuration: no account is configured. Run 'smartcmd enrol NAME', where NAME is what you want to call it."));
  } else {
    examination.sound(filled(_("Configuration: {file} is in order."), {{"file", Config::persons_file().native()}}));
  }
}

/// One that is missing is made when it is needed; what others could change is told where it is read.
void check_directory(Examination& examination, const fs::path& directory) {
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) return;
  if (status.st_uid == getuid() && access(directory.c_str(), W_OK | X_OK) != 0) {
    examination.problem(filled(_("Permissions: you cannot write into {directory}. Run 'chmod u+rwx {directory}'."),
                               {{"directory", directory.native()}}));
  }
}

void check_directories(Examination& examination) {
  check_directory(examination, Config::persons_file().parent_path());
  if (!examination.config || examination.config->accounts().empty()) return;
  check_directory(examination, examination.config->chain_file(examination.config->accounts().front()).parent_path());
}

void check_passwords(Examination& examination) {
  if (!examination.config) return;
  for (const Service& service : examination.config->services()) {
    try {
      if (!fs::exists(service.password_file))
        throw Error(
            Errc::configuration,
            filled(_("The file {file} with the password is missing. Write the password into it, for your eyes only "
                     "(mode 0600), or run 'smartcmd setup'."),
                   {{"file", service.password_file.native()}}));
      read_secret_file(service.password_file);
      examination.sound(
          filled(_("Permissions: only you read the password of {service}."), {{"service", service.name}}));
    } catch (const std::exception& error) {
      examination.unusable.insert(service.name);
      examination.problem(filled(_("Permissions: {reason}"), {{"reason", sentence_of(error)}}));
    }
  }
}

// One that has expired is used all the same: a service may be late to exchange it, and refuses values it cannot read.
void judge_encryption(Examination& examination, const Service& service, const Certificate& used) {
  const auto told = [&](const char* sentence) {
    return filled(_(sentence), {{"service", service.name}, {"day", used.valid_until()}, {"from", used.valid_from()}});
  };
  const std::string exchange =
      " " + filled(_("Get the new one from the operator of the service and run 'smartcmd setup --service {service} "
                     "--encryption-certificate FILE'."),
                   {{"service", service.name}});
  if (X509_cmp_current_time(X509_get0_notBefore(used.x509())) > 0) {
    examination.hint(
        told(N_("Encryption: the certificate of {service} becomes valid on {from} only. It is used all the "
                "same; set the clock of this computer right, or name the one before, too.")));
  } else if (has_expired(used)) {
    examination.hint(told(N_("Encryption: the certificate of {service} expired on {day}. It is used all the same, "
                             "because services have been late to exchange theirs.")) +
                     exchange);
  } else if (expires_within(used, encryption_warning_time)) {
    examination.hint(told(N_("Encryption: the certificate of {service} is valid until {day} only.")) + exchange);
  } else {
    examination.sound(told(N_("Encryption: the certificate of {service} is valid until {day}.")));
  }
}

void check_encryption(Examination& examination) {
  if (!examination.config) return;
  for (const Service& service : examination.config->services()) {
    try {
      const auto all = read_encryption_certificates(service.encryption_certificates);
      judge_encryption(examination, service, newest_valid(all));
    } catch (const Error& error) {
      examination.unusable.insert(service.name);
      examination.problem(filled(_("Encryption: {reason} Get the right certificate from the operator of the service "
                                   "and name it in 'encryption-certificate'."),
                                 {{"reason", error.what()}}));
    }
  }
}

void check_validity(Examination& examination, const Account& account, const Certificate& signer) {
  if (X509_cmp_current_time(X509_get0_notBefore(signer.x509())) > 0) {
    examination.problem(filled(_("Clock: the certificate of account '{account}' becomes valid on {day} only. Set the "
                                 "clock of this computer right."),
                               {{"account", account.name}, {"day", signer.valid_from()}}));
  } else if (has_expired(signer)) {
    examination.problem(
        filled(_("Certificate: that of account '{account}' expired on {day}. Once it has been renewed at "
                 "the service, run 'smartcmd enrol {account}'; if it has not expired, set the clock."),
               {{"account", account.name}, {"day", signer.valid_until()}}));
  } else if (expires_within(signer, warning_time)) {
    examination.hint(filled(_("Certificate: that of account '{account}' is valid until {day} only. Renew it at the "
                              "service, then run 'smartcmd enrol {account}'."),
                            {{"account", account.name}, {"day", signer.valid_until()}}));
  } else {
    examination.sound(filled(_("Certificate: that of account '{account}' is valid until {day}."),
                             {{"account", account.name}, {"day", signer.valid_until()}}));
  }
}

void check_chains(Examination& examination) {
  if (!examination.config) return;
  const SigningService signing(*examination.config);
  for (const Account& account : signing.config().accounts()) {
    const std::string reason = reason_to_distrust(signing.config().chain_file(account));
    if (!reason.empty()) {
      examination.problem(filled(_("Permissions: {reason}"), {{"reason", reason}}));
      continue;
    }
    try {
      check_validity(examination, account, signing.certificates(account).signer());
    } catch (const Error& error) {
      examination.problem(filled(_("Certificate: {reason}"), {{"reason", error.what()}}));
    }
  }
}

constexpr Check checks[] = {check_configuration, check_directories, check_passwords, check_encryption, check_chains};

}  // namespace

std::span<const Check> config_checks() {
  return checks;
}

}  // namespace smartcmd
