// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/keystore.h"

namespace smartcmd::service {

/// A person's name without blanks around it. Throws Errc::invalid_argument for none, for what is not UTF-8 and for
/// characters that cannot be seen, which make one line of a list or a certificate look like another.
std::string proper_name(const std::string& text);

/// A person who signs.
struct Person {
  std::string phone;  ///< as it was given: "+351 910000000"
  std::string name;   ///< UTF-8
  KeyRecord key;
  std::string certificate;  ///< PEM
  int wrong_attempts = 0;   ///< PINs and one-time passwords, since both were right
};

/// The key under which a phone number is found: clients write it with and without blanks. Empty for what is no phone
/// number: '+', then 6 to 15 digits and blanks, at most 20 characters.
std::string canonical_phone(std::string_view phone);

/// Whether the person has to ask the operator: `attempts` PINs and one-time passwords were wrong.
bool is_locked(const Person& person, unsigned attempts);

/// The people in the database, told apart by their phone numbers. Every failure is Errc::internal, in the database's
/// own words but without the values it was given.
class Accounts {
 public:
  /// Opens the database of that SOCI connection string, and makes its table when it has none.
  explicit Accounts(const std::string& connection);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  /// Throws Errc::invalid_argument when the phone number is none or already has an account.
  void require_free(std::string_view phone) const;
  /// Throws as require_free() does.
  void add(const Person& person);
  std::optional<Person> find(std::string_view phone) const;
  /// Gives the account of that phone number the key and the certificate, and forgets its wrong attempts.
  void renew(const Person& person);
  /// Counts an attempt as wrong. This is done before the secret is looked at: what cannot be counted is not tried.
  /// A phone number without an account costs a failing database the same error.
  void count_attempt(std::string_view phone);
  /// Takes one attempt back: it was right.
  void forgive_attempt(std::string_view phone);
  void forget_attempts(std::string_view phone);
  /// Everybody, by phone number.
  std::vector<Person> all() const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace smartcmd::service
