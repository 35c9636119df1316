// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/status.h"

#include <glib.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

namespace smartcmd {

namespace {

struct Meaning {
  const char* code;  ///< all of it, or its first digit for a hundred of them
  Errc errc;
  const char* sentence;
  bool ambiguous = false;  ///< the service's own words tell which of its meanings it has
};

/// The sentences of 901 and 902 are mandated by the operator of CMD, to be shown exactly so. Its manual forgets to
/// close the quotation that ends the second; the closing mark is restored.
constexpr Meaning meanings[] = {
    {"801", Errc::wrong_pin,
     N_("The signature PIN is wrong. Several wrong PINs lock the signature, so make sure of it before you try again.")},
    {"802", Errc::wrong_otp, N_("The one-time password is wrong. Start again to get a new one.")},
    {"816", Errc::otp_expired, N_("The time to enter the one-time password has passed. Start again to get a new one.")},
    {"817", Errc::service_inactive,
     N_("The signing service is not active for you at the moment, and no one-time password was sent. Either too many "
        "of them wait to be entered: then try again in some minutes. Or too many wrong PINs have locked the signature, "
        "and only the operator of the service unlocks it: for Chave Móvel Digital at www.autenticacao.gov.pt."),
     true},
    {"900", Errc::request_refused,
     N_("The service refused the request. The phone number may have no active signature, there may be more than 100 "
        "documents, or the application may not be known: check 'user-id', 'application-id' and "
        "'encryption-certificate' in the configuration."),
     true},
    {"901", Errc::must_change_pins,
     "Para continuar a usar a assinatura da CMD, tem de alterar o seu PIN de assinatura. Para o alterar, basta iniciar "
     "sessão com CMD em www.autenticacao.gov.pt."},
    {"902", Errc::must_change_signature_pin,
     "Para continuar a usar a assinatura da CMD, tem de alterar o seu PIN de assinatura em www.autenticacao.gov.pt. "
     "Inicie sessão e aceda a \"Área Reservada -> A Minha Chave Móvel Digital\" e escolha editar em “Assinatura "
     "Digital”."},
    {"5", Errc::service_failure, N_("The signing service has a problem of its own. Try again later.")},
    {"8", Errc::parameter_refused,
     N_("The service refused a value of the request. Check the configuration, above all 'user-id', 'application-id' "
        "and "
        "'encryption-certificate'.")},
};

const Meaning unknown{nullptr, Errc::unknown_status,
                      N_("The service answered with a status code that is not documented. Nothing was signed; ask the "
                         "operator of the service what it means."),
                      true};

/// A refused parameter of which is known what to do about it.
constexpr const char* refused_hash =
    N_("The service does not take this hash. Sign with SHA-256, and have 'hashes' in the configuration name only those "
       "that it takes.");

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const Meaning& meaning_of(const std::string& code) {
  const bool three_digits = code.size() == 3 && std::all_of(code.begin(), code.end(), is_digit);
  const std::string hundred = three_digits ? code.substr(0, 1) : "";
  for (const std::string& key : {code, hundred}) {
    const auto* found = std::find_if(std::begin(meanings), std::end(meanings),
                                     [&](const Meaning& meaning) { return key == meaning.code; });
    if (found != std::end(meanings) && three_digits) return *found;
  }
  return unknown;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a text can only be the name of a parameter, not a person's data.
bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), is_letter);
}

/// A code goes to screens and logs as it is, so it is one only when it looks like one: "801", "a:InternalServiceFault".
std::string code_of(const std::string& text) {
  constexpr std::size_t longest = 32;
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == ':' || c == '.' || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), fits) ? text : "unknown";
}

/// Has "…" for each number that may be a person's: a phone number, a PIN, a one-time password.
std::string without_numbers(const std::string& text) {
  constexpr auto shortest = 4;  // digits
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;  // of the digits here, which blanks may part
    for (std::size_t next = at; next < text.size() && (is_digit(text[next]) || (next > at && text[next] == ' '));
         ++next)
      if (is_digit(text[next])) end = next + 1;
    const auto digits = std::count_if(text.begin() + static_cast<std::ptrdiff_t>(at),
                                      text.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
    const std::size_t length = std::max<std::size_t>(end - at, 1);
    result += digits >= shortest ? "…" : text.substr(at, length);
    at += length;
  }
  return result;
}

/// What the service wrote for people, in one line that is fit for a screen; empty when there is nothing of that kind.
std::string words_of(const std::string& text) {
  constexpr std::size_t longest = 200;  // characters
  std::string line;
  std::size_t count = 0;
  for (std::string_view rest = text; !rest.empty() && count < longest; ++count) {
    const gunichar point = g_utf8_get_char_validated(rest.data(), static_cast<gssize>(rest.size()));
    const bool valid = point < static_cast<gunichar>(-2) && point != 0;
    const std::size_t size = valid ? static_cast<std::size_t>(g_unichar_to_utf8(point, nullptr)) : 1;
    if (valid && g_unichar_isprint(point) != FALSE) line += rest.substr(0, size);
    if (valid && g_unichar_isspace(point) != FALSE && !line.empty() && line.back() != ' ' && point != ' ') line += ' ';
    rest.remove_prefix(size);
  }
  return without_numbers(line) + (count == longest ? "…" : "");
}

std::string with_words(const std::string& sentence, const std::string& words) {
  return words.empty()
             ? sentence
             : sentence + (sentence.empty() ? "" : " ") + filled(_("The service says: “{words}”."), {{"words", words}});
}

std::string sentence_for(const Meaning& meaning, const wire::SignStatus& status) {
  const std::string field = status.field && is_name(*status.field) ? *status.field : "";
  if (meaning.errc != Errc::parameter_refused || field.empty())
    return meaning.ambiguous && status.message ? with_words(_(meaning.sentence), words_of(*status.message))
                                               : _(meaning.sentence);
  const bool hash = g_ascii_strcasecmp(field.c_str(), "hash") == 0;
  return std::string(_(hash ? refused_hash : meaning.sentence)) + " " +
         filled(_("It complains of {field}."), {{"field", field}});
}

}  // namespace

void require_success(const std::optional<wire::SignStatus>& status) {
  if (!status || !status->code) {
    throw Error(Errc::answer_malformed, _("The service answered without a status, so it is not known what it did."));
  }
  if (*status->code == "200") return;
  const Meaning& meaning = meaning_of(*status->code);
  throw Error(meaning.errc, sentence_for(meaning, *status), code_of(*status->code));
}

// The words of a fault are its operator's to understand, so they go to the log alone.
void require_no_fault(const wire::Envelope& envelope) {
  const std::optional<wire::Fault> fault = envelope.fault();
  if (!fault) return;
  const std::string code = code_of(fault->code);
  if (const std::string words = words_of(fault->text); !words.empty())
    log_error("SOAP fault", Error(Errc::soap_fault, with_words({}, words), code));
  throw Error(Errc::soap_fault,
              _("The service could not process the request and answered with a fault. Try again later; if it stays so, "
                "check 'endpoint' and 'application-id', and tell the operator of the service."),
              code);
}

}  // namespace smartcmd
