// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a status code of the service becomes.

#include "soap-client/status.h"

#include "tests/support/expect.h"

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
    assert_false(contains(error.what(), "Uma mensagem"));
  }
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
  for (const char* part : {"wrong PINs", "locked", "www.autenticacao.gov.pt"})
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
  };
  return cmocka_run_group_tests_name("status", tests, nullptr, nullptr);
}
