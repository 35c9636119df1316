// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/processes.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "service/random.h"
#include "signing/document.h"

namespace smartcmd::service {

namespace {

constexpr std::size_t code_digits = 6;

bool is_same(const SecureString& a, const SecureString& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.view().data(), b.view().data(), a.size()) == 0;
}

/// The documents' names, fit for one line in quotation marks, as the person compares them with the screen.
std::string names(const wire::ArrayOfHashStructure& documents) {
  std::string all;
  for (const wire::HashStructure& document : documents) {
    if (document.name) all += (all.empty() ? "" : ", ") + *document.name;
  }
  all = presentable_name(all);
  std::replace(all.begin(), all.end(), '"', '\'');
  return all;
}

std::string about(const Process& process) {
  if (process.kind == Process::Kind::certificate) return "Obtenção do certificado de assinatura.";
  const std::string subject =
      process.kind == Process::Kind::batch ? std::to_string(process.documents.size()) + " documentos" : "documento";
  const std::string named = names(process.documents);
  return "Assinatura de " + subject + (named.empty() ? "." : " \"" + named + "\".");
}

}  // namespace

std::optional<std::string> Processes::open(Process process) {
  const std::lock_guard lock(mutex_);
  expire_locked();
  if (!allowance_locked(process.phone).has_one(clock_())) return std::nullopt;
  const std::string id = random_uuid();
  const auto [place, fresh] = waiting_.emplace(id, Waiting{std::move(process), {}, {}, 0, 0});
  try {
    send_code(id, place->second);
  } catch (...) {
    end_locked(place);
    throw;
  }
  return id;
}

std::optional<std::string> Processes::phone_of(const std::string& id, const std::string& application_id) {
  const std::lock_guard lock(mutex_);
  expire_locked();
  const auto place = find_locked(id, application_id);
  return place == waiting_.end() ? std::nullopt : std::optional(place->second.process.phone);
}

Processes::Resent Processes::resend(const std::string& id, const std::string& application_id, std::string_view phone) {
  const std::lock_guard lock(mutex_);
  expire_locked();
  const auto place = find_locked(id, application_id);
  if (place == waiting_.end() || place->second.process.phone != phone) return Resent::gone;
  if (place->second.resends == most_resends) return Resent::too_often;
  if (!allowance_locked(place->second.process.phone).has_one(clock_())) return Resent::too_often;
  ++place->second.resends;
  send_code(id, place->second);
  return Resent::sent;
}

Processes::Answer Processes::redeem(const std::string& id, const std::string& application_id,
                                    const SecureString& code) {
  const std::lock_guard lock(mutex_);
  expire_locked();
  const auto place = find_locked(id, application_id);
  if (place == waiting_.end()) return {Verdict::gone, std::nullopt};
  Waiting& waiting = place->second;
  if (!is_same(waiting.code, code)) {
    if (++waiting.wrong < limits_.attempts) return {Verdict::wrong, std::nullopt};
    end_locked(place);
    return {Verdict::spent, std::nullopt};
  }
  allowance_locked(waiting.process.phone).give_back(1 + waiting.resends, clock_());
  Answer answer{Verdict::right, std::move(waiting.process)};
  end_locked(place);
  return answer;
}

void Processes::expire() {
  const std::lock_guard lock(mutex_);
  expire_locked();
}

Allowance& Processes::allowance_locked(const std::string& phone) {
  return allowances_.try_emplace(phone, most_unanswered, clock_()).first->second;
}

void Processes::send_code(const std::string& id, Waiting& waiting) {
  waiting.code = random_digits(code_digits);
  waiting.deadline = clock_() + limits_.lifetime;
  delivery_.deliver({id, waiting.process.phone, waiting.code, about(waiting.process)});
  allowance_locked(waiting.process.phone).take(clock_());
}

Processes::Table::iterator Processes::find_locked(const std::string& id, const std::string& application_id) {
  const auto place = waiting_.find(id);
  return place != waiting_.end() && place->second.process.application_id == application_id ? place : waiting_.end();
}

Processes::Table::iterator Processes::end_locked(Table::iterator waiting) {
  delivery_.withdraw(waiting->first);
  return waiting_.erase(waiting);
}

void Processes::expire_locked() {
  const TimePoint now = clock_();
  for (auto place = waiting_.begin(); place != waiting_.end();) {
    place = now >= place->second.deadline ? end_locked(place) : std::next(place);
  }
  std::erase_if(allowances_, [now](const auto& one) { return one.second.is_full(now); });
}

}  // namespace smartcmd::service
