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

/// A person who signs.
struct Person {
  std::string phone;  ///< as it was given: "+351 910000000"
  std::string name;   ///< UTF-8
  KeyRecord key;
  std::string certificate;  ///< PEM
  int wrong_pins = 0;       ///< since the last right one
};

/// The key under which a phone number is found: clients write it with and without blanks. Empty for what is no phone
/// number: '+', then 6 to 15 digits and blanks, at most 20 characters.
std::string canonical_phone(std::string_view phone);

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
  /// Gives the account of that phone number the key and the certificate, and forgets its wrong PINs.
  void renew(const Person& person);
  /// Remembers that a PIN was wrong; a right one, or an operator, has all forgotten.
  void count_wrong_pin(std::string_view phone);
  void forget_wrong_pins(std::string_view phone);
  /// Everybody, by phone number.
  std::vector<Person> all() const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace smartcmd::service
