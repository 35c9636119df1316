// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/status.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

struct Meaning {
  const char* code;  ///< all of it, or its first digit for a hundred of them
  Errc errc;
  const char* sentence;
};

/// The sentences of 901 and 902 are mandated by the operator of CMD, to be shown exactly so. Its manual forgets to
/// close the quotation that ends the second; the closing mark is restored.
constexpr Meaning meanings[] = {
    {"801", Errc::wrong_pin,
     N_("The signature PIN is wrong. Several wrong PINs lock the signature, so make sure of it before you try again.")},
    {"802", Errc::wrong_otp, N_("The one-time password is wrong. Start again to get a new one.")},
    {"816", Errc::otp_expired, N_("The time to enter the one-time password has passed. Start again to get a new one.")},
    {"817", Errc::service_inactive,
     N_("The signing service is not active for you at the moment, and no one-time password was sent. After too many "
        "wrong PINs the signature is locked, and only the operator of the service unlocks it: for Chave Móvel Digital "
        "at "
        "www.autenticacao.gov.pt. Otherwise try again later.")},
    {"900", Errc::request_refused,
     N_("The service refused the request. The phone number may have no active signature, there may be more than 100 "
        "documents, or the application may not be known: check 'user-id' and 'application-id' in the configuration.")},
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
                         "operator of the service what it means.")};

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

/// Whether a text can only be the name of a parameter, not a person's data.
bool is_name(const std::string& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), is_letter);
}

}  // namespace

void require_success(const std::optional<wire::SignStatus>& status) {
  if (!status || !status->code) {
    throw Error(Errc::answer_malformed, _("The service answered without a status, so it is not known what it did."));
  }
  if (*status->code == "200") return;
  const Meaning& meaning = meaning_of(*status->code);
  std::string sentence = _(meaning.sentence);
  if (meaning.errc == Errc::parameter_refused && status->field && is_name(*status->field)) {
    sentence += " " + filled(_("It complains of {field}."), {{"field", *status->field}});
  }
  throw Error(meaning.errc, sentence, *status->code);
}

void require_no_fault(const wire::Envelope& envelope) {
  if (const std::optional<wire::Fault> fault = envelope.fault()) {
    throw Error(
        Errc::soap_fault,
        _("The service could not process the request and answered with a fault. Try again later; if it stays so, "
          "check 'endpoint' and 'application-id', and tell the operator of the service."),
        fault->code);
  }
}

}  // namespace smartcmd
