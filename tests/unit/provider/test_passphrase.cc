// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// When an application's passphrase callback is called, and what becomes of its answer.

#include "provider/passphrase.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <unistd.h>

#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd::provider {
namespace {

using namespace std::literals;

// ---- the program openssl --------------------------------------------------------------------------------------------

void openssl_is_known_by_its_name(void**) {
  for (const auto line : {"openssl\0dgst\0"sv, "/usr/bin/openssl\0"sv, "./openssl"sv}) assert_true(is_openssl(line));
  for (const auto line : {""sv, "\0openssl\0"sv, "openssl-for-git\0"sv, "/opt/openssl/bin/curl\0"sv}) {
    assert_false(is_openssl(line));
  }
}

void a_password_is_given_by_an_option(void**) {
  for (const auto line : {"openssl\0dgst\0-passin\0pass:1\0"sv, "openssl\0dgst\0--passin\0file:pin\0"sv,
                          "openssl\0dgst\0-passin=pass:1\0"sv, "openssl\0s_server\0-pass\0pass:1\0"sv,
                          "openssl\0cmp\0-keypass\0pass:1\0-key\0cmd:\0"sv}) {
    assert_true(gives_password(line));
  }
  for (const auto line :
       {"openssl\0dgst\0-sign\0cmd:\0"sv, "openssl\0pkey\0-passout\0pass:1\0"sv, "openssl\0passin\0"sv,
        "openssl\0dgst\0-passing\0"sv, "openssl\0dgst\0-\0--\0"sv, "openssl"sv, ""sv}) {
    assert_false(gives_password(line));
  }
}

// ---- every other, as this one ---------------------------------------------------------------------------------------

struct Application {
  std::string answer;
  bool cancels = false;
  std::string asked = {};

  static int callback(char* pass, std::size_t size, std::size_t* length, const OSSL_PARAM params[], void* argument) {
    auto& self = *static_cast<Application*>(argument);
    const char* info = nullptr;
    OSSL_PARAM_get_utf8_string_ptr(OSSL_PARAM_locate_const(params, OSSL_PASSPHRASE_PARAM_INFO), &info);
    self.asked += info;
    if (self.cancels) ERR_raise(ERR_LIB_UI, ERR_R_INTERRUPTED_OR_CANCELLED);
    *length = self.answer.copy(pass, size);
    return self.cancels ? 0 : 1;
  }
};

const Provider no_provider{};

Key a_key(const TestHome& home, const std::filesystem::path& pin_source = {}) {
  auto service = std::make_shared<const SigningService>(Config::load());
  const Account account = service->config().account();
  return Key{no_provider,
             service,
             account,
             CertificateChain::from_pem(home.read("chain.pem")),
             true,
             pin_source,
             std::make_shared<GivenPin>(),
             ""};
}

void the_answer_serves_one_signature(void**) {
  const TestHome home;
  const Key key = a_key(home);
  Application application{"4321"};
  offer_pin(key, KeySource::uri, Application::callback, &application);
  assert_string_equal(application.asked.c_str(), "the signature PIN of Joana Teste (fake)");
  assert_true(key.given_pin->take().view() == "4321");
  assert_true(key.given_pin->take().empty());
}

void nothing_is_taken_where_there_is_no_answer(void**) {
  const TestHome home;
  const Key key = a_key(home);
  Application silent{""};
  offer_pin(key, KeySource::uri, Application::callback, &silent);
  offer_pin(key, KeySource::uri, nullptr, nullptr);
  assert_true(key.given_pin->take().empty());
  assert_int_equal(ERR_peek_error(), 0);
}

void the_callback_is_left_alone(void**) {
  const TestHome home;
  Application application{"4321"};
  offer_pin(a_key(home), KeySource::file, Application::callback, &application);
  offer_pin(a_key(home, "/run/pin"), KeySource::uri, Application::callback, &application);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const int input = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);  // which may be the document
  home.set_askpass("exit 1");   // and on a terminal this answers
  offer_pin(a_key(home), KeySource::uri, Application::callback, &application);
  dup2(input, STDIN_FILENO);
  for (const int end : {ends[0], ends[1], input}) close(end);
  assert_string_equal(application.asked.c_str(), "");
}

void who_cancels_is_not_asked_again(void**) {
  const TestHome home;
  const Key key = a_key(home);
  Application application{"", true};
  expect_error(Errc::cancelled, [&] { offer_pin(key, KeySource::uri, Application::callback, &application); });
  assert_int_equal(ERR_peek_error(), 0);
}

}  // namespace
}  // namespace smartcmd::provider

int main() {
  using namespace smartcmd::provider;
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  unsetenv("SMARTCMD_ASKPASS");
  const CMUnitTest tests[] = {
      cmocka_unit_test(openssl_is_known_by_its_name),    cmocka_unit_test(a_password_is_given_by_an_option),
      cmocka_unit_test(the_answer_serves_one_signature), cmocka_unit_test(nothing_is_taken_where_there_is_no_answer),
      cmocka_unit_test(the_callback_is_left_alone),      cmocka_unit_test(who_cancels_is_not_asked_again),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
