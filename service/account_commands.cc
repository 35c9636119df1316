// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What an operator does with accounts.

#include <cstdio>
#include <utility>

#include "base/error.h"
#include "service/accounts.h"
#include "service/authority.h"
#include "service/commands.h"
#include "service/secret_files.h"
#include "service/settings.h"
#include "service/setup.h"
#include "signing/certificate.h"

namespace smartcmd::service {

namespace {

GOptionEntry user_id_option(OptionText& value) {
  return text_option("user-id", value, "The person's phone number, as in '+351 910000000'", "PHONE");
}

GOptionEntry pin_file_option(OptionText& value) {
  return text_option("pin-file", value,
                     "A file with the signature PIN, 4 to 8 digits; '-' reads it from standard input", "FILE");
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

Person known_person(const Accounts& accounts, const std::string& phone) {
  std::optional<Person> person = accounts.find(phone);
  if (!person) throw Error(Errc::unknown_account, "This phone number has no account.");
  return *std::move(person);
}

}  // namespace

void add_account(const Invocation& invocation) {
  OptionText name, user_id, pin_file;
  const std::filesystem::path directory = invocation.read(
      {text_option("name", name, "The person's name", "NAME"), user_id_option(user_id), pin_file_option(pin_file)});
  Person person{required(user_id, "--user-id"), proper_name(required(name, "--name")), {}, {}, 0};
  const SecureString pin = read_secret(required(pin_file, "--pin-file"));
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

void renew_account(const Invocation& invocation) {
  OptionText user_id, pin_file;
  const std::filesystem::path directory = invocation.read({user_id_option(user_id), pin_file_option(pin_file)});
  const std::string phone = required(user_id, "--user-id");
  const SecureString pin = read_secret(required(pin_file, "--pin-file"));
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

void list_accounts(const Invocation& invocation) {
  enter(invocation.read({}));
  const Settings settings = Settings::load();
  for (const Person& person : Accounts(settings.database).all()) {
    const bool locked = is_locked(person, settings.pin_attempts);
    const std::string until = CertificateChain::from_pem(person.certificate).signer().valid_until();
    std::printf("%s\t%s\t%s%s\n", person.phone.c_str(), person.name.c_str(), until.c_str(), locked ? "\tlocked" : "");
  }
}

void unlock_account(const Invocation& invocation) {
  OptionText user_id;
  const std::filesystem::path directory = invocation.read({user_id_option(user_id)});
  const std::string phone = required(user_id, "--user-id");
  enter(directory);
  Accounts accounts(Settings::load().database);
  known_person(accounts, phone);
  accounts.forget_attempts(phone);
}

}  // namespace smartcmd::service
