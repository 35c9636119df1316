// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/accounts.h"

#include <glib.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/error.h"

namespace smartcmd::service {

namespace {

/// SOCI's full text quotes the values of a statement, which are personal data; its message alone does not.
template <class Body>
auto guarded(Body&& body) {
  try {
    return body();
  } catch (const soci::soci_error& error) {
    throw Error(Errc::internal, "The database failed: " + error.get_error_message() + ".");
  }
}

const std::string select = "SELECT phone, name, key_id, pin, certificate, wrong_attempts FROM accounts";

Person to_person(const soci::row& row) {
  return {row.get<std::string>("phone"),
          row.get<std::string>("name"),
          {row.get<std::string>("key_id"), row.get<std::string>("pin")},
          row.get<std::string>("certificate"),
          row.get<int>("wrong_attempts")};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string proper_name(const std::string& text) {
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) {
    throw Error(Errc::invalid_argument, "The name is not UTF-8.");
  }
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) throw Error(Errc::invalid_argument, "The name is empty.");
  const std::string name = text.substr(first, text.find_last_not_of(' ') - first + 1);
  for (const char* p = name.c_str(); *p != '\0'; p = g_utf8_next_char(p)) {
    const gunichar point = g_utf8_get_char(p);
    const GUnicodeType type = g_unichar_type(point);
    if (!g_unichar_isprint(point) || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR) {
      throw Error(Errc::invalid_argument,
                  "The name has a character that cannot be seen, as a tab or the end of a line.");
    }
  }
  return name;
}

std::string canonical_phone(std::string_view phone) {
  constexpr std::size_t longest = 20, fewest_digits = 6, most_digits = 15;
  if (phone.size() > longest || !phone.starts_with('+')) return {};
  std::string canonical = "+";
  for (const char c : phone.substr(1)) {
    if (!is_digit(c) && c != ' ') return {};
    if (is_digit(c)) canonical.push_back(c);
  }
  const std::size_t digits = canonical.size() - 1;
  return digits < fewest_digits || digits > most_digits ? std::string() : canonical;
}

bool is_locked(const Person& person, unsigned attempts) {
  return person.wrong_attempts >= static_cast<int>(attempts);
}

struct Accounts::Database {
  // A statement is a conversation with the database, also when it only reads.
  mutable soci::session session;

  void update(const char* assignment, std::string_view phone) {
    const std::string key = canonical_phone(phone);
    guarded([&] {
      session << std::string("UPDATE accounts SET ") + assignment + " WHERE phone_key = :phone_key", soci::use(key);
    });
  }
};

Accounts::Accounts(const std::string& connection) : database_(std::make_unique<Database>()) {
  soci::register_factory_sqlite3();
  guarded([&] {
    database_->session.open(connection);
    database_->session << "CREATE TABLE IF NOT EXISTS accounts ("
                          "phone_key VARCHAR(20) PRIMARY KEY, phone VARCHAR(20) NOT NULL, name VARCHAR(200) NOT NULL, "
                          "key_id VARCHAR(64) NOT NULL, pin VARCHAR(200) NOT NULL, certificate TEXT NOT NULL, "
                          "wrong_attempts INTEGER DEFAULT 0 NOT NULL)";
  });
}

Accounts::~Accounts() = default;

void Accounts::require_free(std::string_view phone) const {
  if (canonical_phone(phone).empty()) {
    throw Error(Errc::invalid_argument, "The user id is no phone number like '+351 910000000'.");
  }
  if (find(phone)) throw Error(Errc::invalid_argument, "This phone number already has an account.");
}

void Accounts::add(const Person& person) {
  require_free(person.phone);
  const std::string key = canonical_phone(person.phone);
  guarded([&] {
    database_->session << "INSERT INTO accounts (phone_key, phone, name, key_id, pin, certificate) "
                          "VALUES (:phone_key, :phone, :name, :key_id, :pin, :certificate)",
        soci::use(key), soci::use(person.phone), soci::use(person.name), soci::use(person.key.id),
        soci::use(person.key.pin), soci::use(person.certificate);
  });
}

std::optional<Person> Accounts::find(std::string_view phone) const {
  const std::string key = canonical_phone(phone);
  return guarded([&]() -> std::optional<Person> {
    soci::row row;
    database_->session << select + " WHERE phone_key = :phone_key", soci::use(key), soci::into(row);
    if (!database_->session.got_data()) return std::nullopt;
    return to_person(row);
  });
}

void Accounts::renew(const Person& person) {
  const std::string key = canonical_phone(person.phone);
  guarded([&] {
    database_->session
        << "UPDATE accounts SET key_id = :key_id, pin = :pin, certificate = :certificate, wrong_attempts = 0 "
           "WHERE phone_key = :phone_key",
        soci::use(person.key.id), soci::use(person.key.pin), soci::use(person.certificate), soci::use(key);
  });
}

void Accounts::count_attempt(std::string_view phone) {
  database_->update("wrong_attempts = wrong_attempts + 1", phone);
}

void Accounts::forgive_attempt(std::string_view phone) {
  // An operator may have forgotten it meanwhile.
  database_->update("wrong_attempts = CASE WHEN wrong_attempts > 0 THEN wrong_attempts - 1 ELSE 0 END", phone);
}

void Accounts::forget_attempts(std::string_view phone) {
  database_->update("wrong_attempts = 0", phone);
}

std::vector<Person> Accounts::all() const {
  return guarded([&] {
    std::vector<Person> people;
    const soci::rowset<soci::row> rows = (database_->session.prepare << select + " ORDER BY phone_key");
    for (const soci::row& row : rows) people.push_back(to_person(row));
    return people;
  });
}

}  // namespace smartcmd::service
