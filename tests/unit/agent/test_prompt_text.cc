// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What prompts say.

#include "agent/prompt_text.h"

#include <algorithm>

#include "base/columns.h"
#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

Account account() {
  Account joana;
  joana.name = "joana";
  joana.label = "Joana\nTeste";
  joana.user_id = "+351 910000000";
  joana.service.name = "cmd";
  return joana;
}

std::vector<Document> documents(std::size_t count) {
  std::vector<Document> all;
  for (std::size_t i = 1; i <= count; ++i) {
    all.push_back({"document " + std::to_string(i) + ".pdf", {Hash::sha256, Bytes(32, static_cast<std::uint8_t>(i))}});
  }
  return all;
}

std::string terminal_text(const Question& question, std::size_t columns = 80) {
  std::string text;
  for (const std::string& line : terminal_lines(question, columns)) text += line + "\n";
  return text;
}

void lines_fit_on_the_terminal(void**) {
  const Account joana = account();
  std::vector<Document> all = documents(1);
  all[0].name = "Contrato de arrendamento da casa de férias.pdf";
  const Question question{Purpose::otp, joana, "test", all, "process", true, std::chrono::seconds(9)};
  for (const std::size_t columns : {40U, 60U, 80U}) {
    for (const std::string& line : terminal_lines(question, columns)) assert_true(columns_of(line) <= columns);
  }
  // A name goes on under its beginning, and no word is broken.
  assert_true(
      contains(terminal_text(question, 40), "To sign    Contrato de arrendamento da\n             casa de férias.pdf"));
  assert_true(contains(terminal_text(question, 40), "only if the message"));
}

void terminals_name_every_document(void**) {
  const Account joana = account();
  const auto all = documents(max_batch);
  const std::string text = terminal_text({Purpose::otp, joana, "test", all, "process", false, std::chrono::seconds(9)});
  for (const Document& document : all) {
    assert_true(contains(text, document.name + "  [SHA256 " + digest_beginning(document) + "]\n"));
  }
  assert_true(contains(text, "    process\n"));
  assert_false(contains(text, "more"));
  assert_false(contains(text, "910000000"));
}

void windows_count_what_they_do_not_name(void**) {
  const Account joana = account();
  const auto all = documents(max_batch);
  const Question question{Purpose::pin, joana, "test", all, {}, false, std::chrono::seconds(9)};
  const std::string text = window_text(question, 3);
  assert_true(contains(text, "document 3.pdf"));
  assert_false(contains(text, "document 4.pdf"));
  assert_true(contains(text, "and 97 more\n"));
  assert_false(contains(window_text(question, max_batch), "more"));
  assert_false(contains(text, "910000000"));
}

// Neither a name of the account nor one of the program begins a line of its own.
void names_keep_to_their_line(void**) {
  const Account joana = account();
  const auto all = documents(1);
  const Question question{Purpose::pin, joana, "te\nst", all, {}, false, std::chrono::seconds(9)};
  for (const std::string& text : {terminal_text(question), window_text(question, 1)}) {
    assert_true(contains(text, "Joana Teste (cmd)\n"));
    assert_true(contains(text, "te st\n"));
  }
}

void only_what_signs_is_said_to_bind(void**) {
  const Account joana = account();
  const auto all = documents(1);
  const std::vector<Document> none;
  for (const bool window : {false, true}) {
    const auto text = [&](Purpose purpose, const std::vector<Document>& signed_ones) {
      Question question{purpose, joana, "test", signed_ones, {}, false, std::chrono::seconds(9)};
      question.qualified = true;
      return window ? window_text(question, 1) : terminal_text(question);
    };
    assert_true(contains(text(Purpose::otp, all), "LEGALLY BINDING"));
    assert_false(contains(text(Purpose::pin, all), "LEGALLY BINDING"));
    assert_false(contains(text(Purpose::otp, none), "LEGALLY BINDING"));
    assert_true(contains(text(Purpose::otp, none), "nothing is signed"));
    assert_true(contains(text(Purpose::pin, all), "step 1 of 2"));
    assert_true(contains(text(Purpose::otp, all), "step 2 of 2"));
  }
}

// A test authority's certificate, say.
void what_binds_nobody_is_not_said_to_bind(void**) {
  const Account joana = account();
  const auto all = documents(1);
  Question question{Purpose::otp, joana, "test", all, {}, false, std::chrono::seconds(9)};
  question.signer = "JOANA\nTESTE";
  for (const std::string& text : {terminal_text(question), window_text(question, 1)}) {
    assert_true(contains(text, "creates a signature in the name of JOANA TESTE.\n"));
    assert_false(contains(text, "qualified"));
  }
  question.qualified = true;
  assert_true(contains(terminal_text(question, 100), "LEGALLY BINDING signature in the name of JOANA TESTE."));
}

void a_file_is_shown_by_its_own_digest(void**) {
  const Account joana = account();
  auto all = documents(2);
  all[1].content = Digest{Hash::sha512, Bytes(64, 0xEF)};
  const Question question{Purpose::otp, joana, "test", all, {}, false, std::chrono::seconds(9)};
  for (const std::string& text : {terminal_text(question), window_text(question, 2)}) {
    assert_true(contains(text, "document 1.pdf  [SHA256 01010101]\n"));
    assert_true(contains(text, "document 2.pdf  [SHA512 of the file efefefef]\n"));
  }
}

void an_open_document_is_a_hint(void**) {
  const Account joana = account();
  const auto all = documents(1);
  const std::vector<Document> none;
  Question question{Purpose::otp, joana, "okular", all, {}, false, std::chrono::seconds(9)};
  assert_false(contains(terminal_text(question), "open in"));
  question.open_document = "a\n\033[2Jb.pdf";
  for (const std::string& text : {terminal_text(question), window_text(question, 1)}) {
    assert_true(contains(text, "    open in okular: a  [2Jb.pdf\n"));
  }
  const Question enrolment{Purpose::otp, joana, "okular", none, {}, false, std::chrono::seconds(9)};
  assert_false(contains(terminal_text(enrolment), "open in"));
}

void a_new_password_is_offered_where_there_is_one(void**) {
  const Account joana = account();
  const auto all = documents(1);
  Question question{Purpose::otp, joana, "test", all, {}, true, std::chrono::seconds(9)};
  assert_true(contains(terminal_text(question), "new one-time password"));
  assert_true(contains(window_text(question, 1), "new one-time password"));
  question.may_resend = false;
  assert_false(contains(terminal_text(question), "new one-time password"));
  assert_false(contains(window_text(question, 1), "new one-time password"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(lines_fit_on_the_terminal),
      cmocka_unit_test(terminals_name_every_document),
      cmocka_unit_test(windows_count_what_they_do_not_name),
      cmocka_unit_test(names_keep_to_their_line),
      cmocka_unit_test(only_what_signs_is_said_to_bind),
      cmocka_unit_test(what_binds_nobody_is_not_said_to_bind),
      cmocka_unit_test(a_file_is_shown_by_its_own_digest),
      cmocka_unit_test(an_open_document_is_a_hint),
      cmocka_unit_test(a_new_password_is_offered_where_there_is_one),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
