// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Where the PIN comes from.

#include <unistd.h>

#include <fstream>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

struct Answer {
  std::string text;
  std::string prompt;
  unsigned asked = 0;
};

CPtr<UI_METHOD, UI_destroy_method> answering() {
  const auto callback = [](char* buffer, int size, int, void* data) -> int {
    auto* answer = static_cast<Answer*>(data);
    ++answer->asked;
    const std::size_t length = answer->text.copy(buffer, static_cast<std::size_t>(size));
    return static_cast<int>(length);
  };
  return CPtr<UI_METHOD, UI_destroy_method>(UI_UTIL_wrap_read_pem_callback(callback, 0));
}

void the_application_may_give_the_pin_for_one_signature(void**) {
  const auto ui = answering();
  Answer answer{"4321", "", 0};
  home->set_askpass("case $1 in pin) echo 1111;; otp) echo 123456;; esac");
  const Key key = load_key("cmd:", OSSL_STORE_INFO_PKEY, ui.get(), &answer);
  assert_int_equal(answer.asked, 1);
  setenv("SMARTCMD_FAKE_PIN", "4321", 1);
  assert_false(digest_sign(key.get(), new_text()).empty());
  setenv("SMARTCMD_FAKE_PIN", "1111", 1);  // the next one is the person's again
  assert_false(digest_sign(key.get(), new_text()).empty());
}

void an_empty_answer_leaves_the_pin_to_the_person(void**) {
  const auto ui = answering();
  Answer answer;
  setenv("SMARTCMD_FAKE_PIN", "1234", 1);
  const Key key = load_key("cmd:", OSSL_STORE_INFO_PKEY, ui.get(), &answer);
  assert_int_equal(answer.asked, 1);
  assert_false(digest_sign(key.get(), new_text()).empty());
  expect_no_error_left();
}

void an_old_error_of_the_host_is_no_cancelled_prompt(void**) {
  const auto ui = answering();
  for (const char* text : {"4321", ""}) {
    Answer answer{text, "", 0};
    ERR_raise(ERR_LIB_CRYPTO, ERR_R_INTERRUPTED_OR_CANCELLED);
    const Key key = load_key("cmd:", OSSL_STORE_INFO_PKEY, ui.get(), &answer);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), ERR_R_INTERRUPTED_OR_CANCELLED);
    assert_non_null(key.get());
    expect_no_error_left();
  }
}

void a_listing_asks_no_pin(void**) {
  const auto ui = answering();
  Answer answer{"4321", "", 0};
  const Store store(OSSL_STORE_open("cmd:", ui.get(), &answer, nullptr, nullptr));
  while (OSSL_STORE_eof(store.get()) == 0) Info(OSSL_STORE_load(store.get()));
  load_key("cmd:", OSSL_STORE_INFO_PUBKEY, ui.get(), &answer);
  assert_int_equal(answer.asked, 0);
}

void a_document_on_standard_input_is_not_taken_for_a_pin(void**) {
  const auto ui = answering();
  Answer answer{"4321", "", 0};
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const int input = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  load_key("cmd:", OSSL_STORE_INFO_PKEY, ui.get(), &answer);
  dup2(input, STDIN_FILENO);
  for (const int end : {ends[0], ends[1], input}) close(end);
  assert_int_equal(answer.asked, 0);
}

void a_file_may_hold_the_pin(void**) {
  const auto file = home->file("pin");
  std::ofstream(file) << "8765\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  setenv("SMARTCMD_FAKE_PIN", "8765", 1);
  const Key key = load_key(("cmd:joana;type=private?pin-source=file:" + file.string()).c_str());
  assert_false(digest_sign(key.get(), new_text()).empty());
  assert_false(digest_sign(key.get(), new_text()).empty());
  std::filesystem::remove(file);
  assert_true(digest_sign(key.get(), new_text()).empty());
  expect_our_error(Errc::configuration, file.string());
}

void the_uri_may_name_the_document(void**) {
  const Key key = load_key("cmd:?name=contrato%20final.pdf");
  assert_false(digest_sign(key.get(), new_text()).empty());
  assert_true(contains(home->log(), "document contrato final.pdf\n"));
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_application_may_give_the_pin_for_one_signature),
      cmocka_unit_test(an_empty_answer_leaves_the_pin_to_the_person),
      cmocka_unit_test(an_old_error_of_the_host_is_no_cancelled_prompt),
      cmocka_unit_test(a_listing_asks_no_pin),
      cmocka_unit_test(a_document_on_standard_input_is_not_taken_for_a_pin),
      cmocka_unit_test(a_file_may_hold_the_pin),
      cmocka_unit_test(the_uri_may_name_the_document),
  };
  return run_in_both_orders(tests);
}
