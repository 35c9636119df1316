// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/operations.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/error.h"
#include "signing/digest.h"
#include "signing/document.h"

namespace smartcmd::service {

namespace {

/// A status code and its words.
struct Outcome {
  const char* code;
  const char* message;
  const char* field = nullptr;  ///< the parameter that is wrong; never its value
};

constexpr Outcome ok{"200", "OK"};
constexpr Outcome no_request{"800", "Falta um parâmetro.", "request"};
constexpr Outcome no_documents{"800", "Não há documentos para assinar.", "documents"};
constexpr Outcome bad_hash{"800", "O hash não é um DigestInfo de um algoritmo permitido.", "Hash"};
constexpr Outcome wrong_pin{"801", "PIN de assinatura incorreto."};
constexpr Outcome wrong_otp{"802", "Código de segurança inválido."};
constexpr Outcome no_process{"816", "O pedido não existe ou o tempo de validação terminou."};
constexpr Outcome no_attempt_left{"816", "Demasiados códigos de segurança inválidos: o pedido terminou."};
constexpr Outcome locked{"817", "A assinatura está inativa."};
constexpr Outcome too_many_codes{"817", "Já foram enviados demasiados códigos de segurança. Tente mais tarde."};
constexpr Outcome unknown_application{"900", "Aplicação desconhecida."};
constexpr Outcome unknown_users{"900", "Demasiados pedidos com utilizadores desconhecidos. Tente mais tarde."};
constexpr Outcome too_many_documents{"900", "Demasiados documentos: o máximo é 100."};

wire::SignStatus status(const Outcome& outcome, wire::Text process_id = std::nullopt) {
  const wire::Text field = outcome.field ? wire::Text(outcome.field) : std::nullopt;
  return {outcome.code, field, std::nullopt, outcome.message, std::move(process_id)};
}

}  // namespace

// ---- what begins a process ----

wire::ScmdSignResponse Operations::sign(const wire::ScmdSign& message) {
  if (!message.request) return {status(no_request)};
  const wire::SignRequest& request = *message.request;
  return {start_signature({request.application_id, request.user_id, request.pin}, Process::Kind::one_document,
                          {{request.hash, request.doc_name, std::nullopt}})};
}

wire::ScmdMultipleSignResponse Operations::multiple_sign(const wire::ScmdMultipleSign& message) {
  if (!message.request) return {status(no_request)};
  const wire::MultipleSignRequest& request = *message.request;
  return {start_signature({request.application_id, request.user_id, request.pin}, Process::Kind::batch,
                          message.documents.value_or(wire::ArrayOfHashStructure()))};
}

wire::GetCertificateWithPinResponse Operations::get_certificate_with_pin(const wire::GetCertificateWithPin& message) {
  return {start({message.application_id, message.user_id, message.pin}, Process::Kind::certificate, {})};
}

wire::SignStatus Operations::start_signature(const Caller& caller, Process::Kind kind,
                                             wire::ArrayOfHashStructure documents) {
  if (!is_our_application(caller.application_id)) return status(unknown_application);
  if (documents.empty()) return status(no_documents);
  if (documents.size() > max_batch) return status(too_many_documents);
  if (!may_be_signed(documents)) return status(bad_hash);
  for (wire::HashStructure& document : documents) {
    if (document.name) document.name = presentable_name(*document.name);
  }
  return start(caller, kind, std::move(documents));
}

wire::SignStatus Operations::start(const Caller& caller, Process::Kind kind, wire::ArrayOfHashStructure documents) {
  if (!is_our_application(caller.application_id)) return status(unknown_application);
  if (!may_ask_for_users()) return status(unknown_users);
  const SecureString phone = parts_.field_keys.decrypt(caller.user_id);
  const std::optional<Person> person = find_person(phone);
  if (is_locked(person)) return status(locked);
  std::optional<OpenKey> key = open_key(person, phone.view(), caller.pin);
  if (!key) return status(wrong_pin);
  const std::optional<std::string> id = parts_.processes.open(
      {kind, parts_.settings.application_id, person->phone, std::move(*key), std::move(documents)});
  return id ? status(ok, *id) : status(too_many_codes);
}

/// Opens the person's key. A right PIN takes its own attempt back, no other: those are forgotten with a right one-time
/// password only, which could be guessed otherwise.
std::optional<OpenKey> Operations::open_key(const std::optional<Person>& person, std::string_view phone,
                                            const wire::Text& pin) {
  parts_.accounts.count_attempt(phone);
  std::optional<OpenKey> key = parts_.keystore.open(person ? &person->key : nullptr, parts_.field_keys.decrypt(pin));
  if (!key) return std::nullopt;
  parts_.accounts.forgive_attempt(phone);
  parts_.keystore.require(*key);
  return key;
}

bool Operations::is_locked(const std::optional<Person>& person) const {
  return person && service::is_locked(*person, parts_.settings.pin_attempts);
}

// ---- what goes on with it ----

wire::ForceSmsResponse Operations::force_sms(const wire::ForceSms& message) {
  if (!is_our_application(message.application_id)) return {status(unknown_application)};
  if (!may_ask_for_users()) return {status(unknown_users)};
  const std::optional<Person> person = find_person(parts_.field_keys.decrypt(message.citizen_id));
  if (is_locked(person)) return {status(locked)};
  const std::string id = message.process_id.value_or("");
  switch (parts_.processes.resend(id, parts_.settings.application_id, person ? person->phone : "")) {
    case Processes::Resent::sent:
      return {status(ok, id)};
    case Processes::Resent::too_often:
      return {status(too_many_codes)};
    case Processes::Resent::gone:
      break;
  }
  return {status(no_process)};
}

wire::ValidateOtpResponse Operations::validate_otp(const wire::ValidateOtp& message) {
  wire::SignResponse answer;
  answer.status = validate(message, answer);
  return {answer};
}

wire::SignStatus Operations::validate(const wire::ValidateOtp& message, wire::SignResponse& answer) {
  if (!is_our_application(message.application_id)) return status(unknown_application);
  const std::string& application = parts_.settings.application_id;
  const std::string id = message.process_id.value_or("");
  const std::optional<std::string> phone = parts_.processes.phone_of(id, application);
  if (!phone) return status(no_process);
  if (is_locked(parts_.accounts.find(*phone))) return status(locked);
  parts_.accounts.count_attempt(*phone);
  Processes::Answer found = parts_.processes.redeem(id, application, parts_.field_keys.decrypt(message.code));
  if (found.verdict == Processes::Verdict::wrong) return status(wrong_otp);
  if (found.verdict == Processes::Verdict::spent) return status(no_attempt_left);
  if (found.verdict == Processes::Verdict::gone) {  // it ended meanwhile, and no code was tried
    parts_.accounts.forgive_attempt(*phone);
    return status(no_process);
  }
  parts_.accounts.forget_attempts(*phone);
  return finish(std::move(*found.process), answer) ? status(ok, id) : status(no_process);
}

/// Puts what the process was begun for into the answer: each kind has a member of its own. False when the person has
/// been given another key meanwhile.
bool Operations::finish(Process process, wire::SignResponse& answer) const {
  const std::optional<Person> person = parts_.accounts.find(process.phone);
  if (!person || person->key.id != process.key.id()) return false;
  if (process.kind == Process::Kind::certificate) {
    answer.certificate = parts_.authority.chain(person->certificate);
    return true;
  }
  for (wire::HashStructure& document : process.documents) {
    document.hash = parts_.keystore.sign(process.key, *document.hash);
  }
  if (process.kind == Process::Kind::one_document) {
    answer.signature = std::move(process.documents.front().hash);
  } else {
    answer.documents = std::move(process.documents);
  }
  return true;
}

// ---- what needs no process ----

wire::GetCertificateResponse Operations::get_certificate(const wire::GetCertificate& message) {
  if (!is_our_application(message.application_id)) return {};
  if (!may_ask_for_users()) {
    throw Error(Errc::request_refused, "Too many requests named a user that does not exist. Try again later.");
  }
  const std::optional<Person> person = find_person(parts_.field_keys.decrypt(message.user_id));
  if (!person) return {};
  return {parts_.authority.chain(person->certificate)};
}

bool Operations::is_our_application(const wire::Binary& id) const {
  const std::string& ours = parts_.settings.application_id;
  return id && id->size() == ours.size() && CRYPTO_memcmp(id->data(), ours.data(), ours.size()) == 0;
}

/// Asked before a user id is decrypted: what is refused tells nothing about it. All clients have the application's
/// password, so what one of them asks for must not count against the others.
bool Operations::may_ask_for_users() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(unknown_users_, [now](const auto& one) { return one.second.is_full(now); });
  const auto used = unknown_users_.find(sender_);
  return used == unknown_users_.end() || used->second.has_one(now);
}

/// Counts who is not found, whether the user id did not decrypt or names nobody.
std::optional<Person> Operations::find_person(const SecureString& phone) {
  std::optional<Person> person = parts_.accounts.find(phone.view());
  if (person) return person;
  const auto now = std::chrono::steady_clock::now();
  unknown_users_.try_emplace(sender_, parts_.settings.unknown_users, now).first->second.take(now);
  return std::nullopt;
}

bool Operations::may_be_signed(const wire::ArrayOfHashStructure& documents) const {
  return std::all_of(documents.begin(), documents.end(), [this](const wire::HashStructure& document) {
    const std::optional<Digest> digest = from_digest_info(document.hash.value_or(Bytes()));
    return digest && parts_.settings.hashes.has(digest->hash);
  });
}

}  // namespace smartcmd::service
