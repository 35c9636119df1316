// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a status code of the service becomes.

#include "soap-client/status.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

Error error_of_code(const std::string& code, const wire::Text& field = {}, const wire::Text& value = {}) {
  const wire::SignStatus status{code, field, value, "Uma mensagem do serviço", "process"};
  return error_of([&] { require_success(status); });
}

void only_200_is_success(void**) {
  require_success(wire::SignStatus{"200", {}, {}, {}, {}});
  for (const char* code : {"0", "201", "2000", " 200", "200 ", "0200", "1000", "OK"}) {
    assert_int_equal(error_of_code(code).code(), Errc::unknown_status);
  }
}

void every_code_has_its_error(void**) {
  const struct {
    const char* code;
    Errc errc;
  } table[] = {
      {"801", Errc::wrong_pin},
      {"802", Errc::wrong_otp},
      {"816", Errc::otp_expired},
      {"817", Errc::service_inactive},
      {"500", Errc::service_failure},
      {"599", Errc::service_failure},
      {"800", Errc::parameter_refused},
      {"899", Errc::parameter_refused},
      {"900", Errc::request_refused},
      {"901", Errc::must_change_pins},
      {"902", Errc::must_change_signature_pin},
      {"903", Errc::unknown_status},
      {"100", Errc::unknown_status},
      {"8", Errc::unknown_status},
      {"5", Errc::unknown_status},
      {"80", Errc::unknown_status},
      {"8011", Errc::unknown_status},
      {"8x1", Errc::unknown_status},
  };
  for (const auto& row : table) {
    const Error error = error_of_code(row.code);
    assert_int_equal(error.code(), row.errc);
    assert_string_equal(error.service_code().c_str(), row.code);
    assert_false(error.message().empty());
    const bool ambiguous =
        row.errc == Errc::service_inactive || row.errc == Errc::request_refused || row.errc == Errc::unknown_status;
    assert_int_equal(contains(error.what(), "Uma mensagem do serviço"), ambiguous);
  }
}

/// The sentence of an 817 with that message.
std::string sentence(const std::string& message) {
  const wire::SignStatus status{"817", {}, {}, message, {}};
  return error_of([&] { require_success(status); }).what();
}

void the_words_of_the_service_are_fit_for_a_screen(void**) {
  assert_true(contains(sentence("Já foram enviados demasiados códigos. Tente mais tarde.").c_str(),
                       "“Já foram enviados demasiados códigos. Tente mais tarde.”"));
  assert_true(contains(sentence("a\x1b[2J\nb\xc2\x9b\x63\xe2\x80\xae\xff d\te").c_str(), "“a[2J bc d e”"));
  assert_false(contains(sentence("\x1b\x07").c_str(), "says"));
  assert_false(contains(sentence("").c_str(), "says"));
  const std::string long_one = sentence(std::string(300'000, 'x'));
  assert_true(long_one.size() < 1000);
  assert_true(contains(long_one.c_str(), "xxx…”"));
  // Nor is it about whom.
  for (const char* secret : {"910000000", "+351 910 000 000", "1234", "123 456"}) {
    const std::string told = sentence("Erro para " + std::string(secret) + " em 10 minutos");
    assert_false(contains(told.c_str(), secret));
    assert_true(contains(told.c_str(), "… em 10 minutos”"));
  }
}

void a_code_is_short_or_unknown(void**) {
  for (const std::string& code : {std::string(33, '9'), std::string("8\x1b[2J"), std::string("8\n2026 line"),
                                  std::string("8\xc2\x9b"), std::string("8 1"), std::string(300'252, '8')}) {
    const Error error = error_of_code(code);
    assert_int_equal(error.code(), Errc::unknown_status);
    assert_string_equal(error.service_code().c_str(), "unknown");
    const wire::Envelope fault(wire::write(wire::Fault{code, ""}));
    assert_string_equal(error_of([&] { require_no_fault(fault); }).service_code().c_str(), "unknown");
  }
  assert_string_equal(error_of_code(std::string(32, '9')).service_code().c_str(), std::string(32, '9').c_str());
}

void a_refused_hash_leads_to_the_hashes(void**) {
  const Error error = error_of_code("800", "Hash");
  assert_int_equal(error.code(), Errc::parameter_refused);
  assert_true(contains(error.what(), "'hashes'"));
  assert_true(contains(error.what(), "complains of Hash"));
  assert_false(contains(error.what(), "user-id"));
}

void what_cannot_be_read_leads_to_the_certificate(void**) {
  assert_true(contains(error_of_code("900").what(), "'encryption-certificate'"));
}

void the_mandated_sentences_are_exact(void**) {
  assert_string_equal(error_of_code("901").message().c_str(),
                      "Para continuar a usar a assinatura da CMD, tem de alterar o seu PIN de assinatura. Para o "
                      "alterar, basta iniciar sessão com CMD em www.autenticacao.gov.pt.");
  assert_string_equal(error_of_code("902").message().c_str(),
                      "Para continuar a usar a assinatura da CMD, tem de alterar o seu PIN de assinatura em "
                      "www.autenticacao.gov.pt. Inicie sessão e aceda a \"Área Reservada -> A Minha Chave Móvel "
                      "Digital\" e escolha editar em “Assinatura Digital”.");
}

void who_unlocks_the_signature_is_told(void**) {
  const Error error = error_of_code("817");
  for (const char* part : {"wrong PINs", "locked", "www.autenticacao.gov.pt", "in some minutes"})
    assert_true(contains(error.what(), part));
}

void a_refused_parameter_is_named_but_not_shown(void**) {
  const Error error = error_of_code("805", "UserId", "+351 910000000");
  assert_true(contains(error.what(), "UserId"));
  assert_false(contains(error.what(), "910000000"));
  // What is no name is not repeated either.
  assert_false(contains(error_of_code("805", "+351 910000000").what(), "910000000"));
  assert_false(contains(error_of_code("801", "Pin", "1234").what(), "1234"));
}

void no_status_is_no_answer(void**) {
  expect_error(Errc::answer_malformed, [] { require_success(std::nullopt); });
  expect_error(Errc::answer_malformed, [] { require_success(wire::SignStatus{{}, {}, {}, "OK", "process"}); });
}

void a_fault_is_an_error(void**) {
  require_no_fault(wire::Envelope(wire::write(wire::ScmdSignResponse{})));
  const wire::Envelope fault(wire::write(wire::Fault{"a:InternalServiceFault", "user +351 910000000"}));
  const Error error = error_of([&] { require_no_fault(fault); });
  assert_int_equal(error.code(), Errc::soap_fault);
  assert_string_equal(error.service_code().c_str(), "a:InternalServiceFault");
  assert_false(contains(error.what(), "910000000"));
}

void what_a_fault_says_is_in_the_log(void**) {
  const TemporaryDirectory directory;
  const std::filesystem::path log = directory.path() / "log";
  setenv("SMARTCMD_LOG", log.c_str(), 1);
  const wire::Envelope fault(wire::write(wire::Fault{"s:Server", "Base de dados\nem baixo: +351 910000000"}));
  error_of([&] { require_no_fault(fault); });
  const wire::Envelope silent(wire::write(wire::Fault{"s:Server", ""}));
  error_of([&] { require_no_fault(silent); });
  unsetenv("SMARTCMD_LOG");
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  const std::string lines = text.str();
  assert_true(contains(lines.c_str(), "SOAP fault: The service says: “Base de dados em baixo: +…”. [s:Server]"));
  assert_int_equal(std::count(lines.begin(), lines.end(), '\n'), 1);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(only_200_is_success),
      cmocka_unit_test(every_code_has_its_error),
      cmocka_unit_test(the_mandated_sentences_are_exact),
      cmocka_unit_test(who_unlocks_the_signature_is_told),
      cmocka_unit_test(a_refused_parameter_is_named_but_not_shown),
      cmocka_unit_test(no_status_is_no_answer),
      cmocka_unit_test(a_fault_is_an_error),
      cmocka_unit_test(the_words_of_the_service_are_fit_for_a_screen),
      cmocka_unit_test(a_code_is_short_or_unknown),
      cmocka_unit_test(a_refused_hash_leads_to_the_hashes),
      cmocka_unit_test(what_cannot_be_read_leads_to_the_certificate),
      cmocka_unit_test(what_a_fault_says_is_in_the_log),
  };
  return cmocka_run_group_tests_name("status", tests, nullptr, nullptr);
}
