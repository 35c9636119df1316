// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/config.h"

#include <glib.h>
#include <stdlib.h>

#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

constexpr const char* service_group =
    "[service cmd]\n"
    "endpoint=https://cmd.example/SCMDService.svc\n"
    "application-id=00000000-1111-2222-3333-444444444444\n"
    "username=someone\n"
    "password-file=password\n"
    "encryption-certificate=/etc/cmd/encryption.pem\n";

std::string with_account(const std::string& more = "") {
  return service_group + more + "[account joana]\nservice=cmd\nuser-id=+351 910000000\n";
}

Config load(const TemporaryDirectory& directory, const std::string& text) {
  return Config::load(directory.write("smartcmd.conf", text));
}

void a_small_configuration_has_sensible_defaults(void**) {
  const TemporaryDirectory directory;
  const Config config = load(directory, with_account());
  const Account& account = config.account();
  assert_string_equal(account.name.c_str(), "joana");
  assert_string_equal(account.label.c_str(), "joana");
  assert_string_equal(account.user_id.c_str(), "+351 910000000");
  const Service& service = account.service;
  assert_string_equal(service.name.c_str(), "cmd");
  assert_string_equal(service.driver.c_str(), "scmd");
  assert_int_equal(service.connect_timeout.count(), 5);
  assert_int_equal(service.request_timeout.count(), 60);
  assert_int_equal(service.otp_lifetime.count(), 120);
  assert_true(service.hashes == HashSet::sha2());
  assert_true(service.ca_file.empty());
  // A relative path is relative to the file that says it.
  assert_string_equal(service.password_file.c_str(), (directory.path() / "password").c_str());
  assert_int_equal(service.encryption_certificates.size(), 1);
  assert_string_equal(service.encryption_certificates.front().c_str(), "/etc/cmd/encryption.pem");
}

void everything_can_be_said(void**) {
  const TemporaryDirectory directory;
  const Config config = load(
      directory, with_account("driver=scmd\nca-file=ca.pem\nproxy=http://proxy:3128\n"
                              "connect-timeout=7\nrequest-timeout=90\notp-lifetime=30\nhashes=sha1, SHA-256\n") +
                     "label=Joana Silva\n[account rui]\nservice=cmd\nuser-id=+351 930000000\n"
                     "[smartcmd]\ndefault-account=rui\naskpass=/bin/ask\npinentry=ask/me\nstate-directory=state\n");
  assert_string_equal(config.account().name.c_str(), "rui");
  const Account& joana = config.account("joana");
  assert_string_equal(joana.label.c_str(), "Joana Silva");
  assert_int_equal(joana.service.connect_timeout.count(), 7);
  assert_int_equal(joana.service.request_timeout.count(), 90);
  assert_int_equal(joana.service.otp_lifetime.count(), 30);
  assert_true(joana.service.hashes.has(Hash::sha1));
  assert_false(joana.service.hashes.has(Hash::sha512));
  assert_string_equal(config.askpass().c_str(), "/bin/ask");
  assert_string_equal(config.pinentry().c_str(), (directory.path() / "ask/me").c_str());
  assert_string_equal(config.chain_file(joana).c_str(), (directory.path() / "state/joana.pem").c_str());
}

void expect_refusal(const std::filesystem::path& file, const std::vector<std::string>& words) {
  const Error error = error_of([&] { Config::load(file); });
  assert_true(error.code() == Errc::configuration);
  for (const std::string& word : words) assert_true(contains(error.what(), word));
}

// Who may write what says where the PIN goes may have it.
void what_others_may_change_is_not_used(void**) {
  const TemporaryDirectory directory;
  const auto file = directory.write("smartcmd.conf", with_account(), 0666);
  expect_refusal(file, {"Configuration: ", "others may change", "chmod go-w " + file.native()});
  std::filesystem::create_directory(directory.path() / "open");
  std::filesystem::permissions(directory.path() / "open", std::filesystem::perms::all);
  const auto inside = directory.write("open/smartcmd.conf", with_account());
  expect_refusal(inside, {"chmod go-w " + inside.parent_path().native() + "'"});
  directory.write("open/named", "");
  for (const char* key : {"password-file", "encryption-certificate", "ca-file"}) {
    std::string text = with_account("ca-file=/etc/passwd\n");
    const std::size_t begin = text.find(key), end = text.find('\n', begin);
    text.replace(begin, end - begin, std::string(key) + "=open/named");
    expect_refusal(directory.write("smartcmd.conf", text), {key, "open/named", "chmod go-w"});
  }
  for (const char* key : {"askpass", "pinentry"}) {
    const std::string text = with_account() + "[smartcmd]\n" + key + "=open/named\n";
    expect_refusal(directory.write("smartcmd.conf", text), {key, "open/named", "chmod go-w"});
  }
}

void an_account_is_named_with_letters(void**) {
  const TemporaryDirectory directory;
  const auto named = [&](const std::string& name) {
    return service_group + ("[account " + name + "]\nservice=cmd\nuser-id=+351 910000000\n");
  };
  for (const char* name : {"joana", "joão", "joa\u0303o", "Ζωή", "山田", "a.b_c-1"})
    assert_string_equal(load(directory, named(name)).account().name.c_str(), name);
  for (const char* name : {"a$b'c\"d", "a b", "a/b", ".a", "-a", "a*b", "a\u202Eb", "a\u009Bb", "a~", "a,b"}) {
    expect_error(Errc::configuration, [&] { load(directory, named(name)); });
    expect_error(Errc::configuration, [&] { Config::check("account", "", name); });
  }
}

void an_unknown_key_is_answered_with_what_there_is(void**) {
  const TemporaryDirectory directory;
  const Error error = error_of([&] { load(directory, with_account() + "foo=x\n"); });
  assert_false(contains(error.what(), "Did you mean"));
  assert_true(contains(error.what(), "service, user-id, label, login"));
}

void without_an_account_it_is_told_where_was_looked(void**) {
  const TemporaryDirectory directory;
  const auto file = directory.write("smartcmd.conf", "");
  const Config config = Config::load(file);
  const Error error = error_of([&] { config.account(); });
  assert_true(error.code() == Errc::unknown_account);
  assert_string_equal(error.what(), config.why_no_account().c_str());
  assert_true(contains(error.what(), file.native()));
  assert_true(contains(error.what(), g_get_user_name()));
  assert_true(load(directory, with_account()).why_no_account().empty());
}

void several_encryption_certificates_can_be_named(void**) {
  const TemporaryDirectory directory;
  const Config config = load(directory, with_account("encryption-certificate=old.pem; /etc/cmd/new, of April.pem ;\n"));
  const auto& files = config.account().service.encryption_certificates;
  assert_int_equal(files.size(), 2);
  assert_string_equal(files[0].c_str(), (directory.path() / "old.pem").c_str());
  assert_string_equal(files[1].c_str(), "/etc/cmd/new, of April.pem");
  for (const char* nothing : {"", ";", " ; "}) {
    const Error error =
        error_of([&] { load(directory, with_account("encryption-certificate=" + std::string(nothing) + "\n")); });
    assert_true(contains(error.what(), "path of a file"));
  }
}

// What is looked for line by line in a long file is found at once.
void a_mistake_is_found_in_a_long_file(void**) {
  std::string text = "[service cmd]\n";
  for (int i = 0; i < 50'000; ++i) text += "key" + std::to_string(i) + "=value\n";
  const TemporaryDirectory directory;
  const Error unknown = error_of([&] { Config::load(directory.write("smartcmd.conf", text)); });
  assert_true(contains(unknown.what(), "line 2, [service cmd] key0:"));
  const Error nonsense = error_of([&] { Config::load(directory.write("smartcmd.conf", text + "nonsense\nkey=v\n")); });
  assert_true(contains(nonsense.what(), "line 50002:"));
}

struct Mistake {
  std::string text;
  std::vector<std::string> told;
};

void every_mistake_is_named_with_file_line_and_key(void**) {
  const TemporaryDirectory directory;
  const Mistake mistakes[] = {
      {"nonsense", {"smartcmd.conf, line 1:", "'key=value'"}},
      {"key=value\n", {"smartcmd.conf, line 1:", "below one"}},
      {with_account("# fine\n\nnonsense\n"), {"smartcmd.conf, line 9:", "'key=value'"}},
      {with_account("[account\n"), {"smartcmd.conf, line 7:", "[account NAME]"}},
      {with_account("endpiont=https://x\n"), {"line 7", "[service cmd] endpiont", "Did you mean 'endpoint'?"}},
      {with_account("endpoint=http://x/\n"), {"[service cmd] endpoint", "https://"}},
      {with_account("application-id=42\n"), {"application-id", "00000000-0000"}},
      {with_account("connect-timeout=0\n"), {"line 7", "connect-timeout", "'0'", "seconds from 1 to 3600"}},
      {with_account("request-timeout=soon\n"), {"'soon'", "seconds"}},
      {with_account("hashes=SHA256,CRC32\n"), {"hashes", "MD5, SHA1, RIPEMD160"}},
      {with_account("hashes=\n"), {"hashes", "at least one"}},
      {"[service cmd]\nusername=x\n", {"line 1", "[service cmd]", "'endpoint=' is missing"}},
      {"[account joana]\nservice=amd\nuser-id=+351 910000000\n", {"line 2", "'amd'", "[service …]"}},
      {std::string(service_group) + "[account a/b]\nservice=cmd\nuser-id=+351 910000000\n",
       {"[account a/b]", "letters"}},
      {std::string(service_group) + "[account jo\xe3o]\nservice=cmd\nuser-id=+351 910000000\n", {"letters"}},
      {"[acount joana]\n", {"[acount joana]", "[account NAME]"}},
      {"[smartcmd]\ndefault-acount=x\n", {"Did you mean 'default-account'?"}},
  };
  for (const Mistake& mistake : mistakes) {
    const Error error = error_of([&] { load(directory, mistake.text); });
    assert_true(error.code() == Errc::configuration);
    for (const std::string& part : mistake.told) {
      if (!contains(error.what(), part)) fail_msg("'%s' is not in: %s", part.c_str(), error.what());
    }
  }
}

void a_wrong_phone_number_is_not_repeated(void**) {
  const TemporaryDirectory directory;
  const Error error = error_of(
      [&] { load(directory, std::string(service_group) + "[account joana]\nservice=cmd\nuser-id=910000000\n"); });
  assert_true(contains(error.what(), "user-id"));
  assert_false(contains(error.what(), "910000000:"));
  assert_false(contains(error.what(), "'910000000'"));
}

void an_account_nobody_knows_lists_those_there_are(void**) {
  const TemporaryDirectory directory;
  const Config config = load(directory, with_account() + "[account rui]\nservice=cmd\nuser-id=+351 930000000\n");
  const Error unknown = error_of([&] { config.account("maria"); });
  assert_true(unknown.code() == Errc::unknown_account);
  assert_true(contains(unknown.what(), "joana, rui"));
  const Error several = error_of([&] { config.account(); });
  assert_true(several.code() == Errc::unknown_account);
  assert_true(contains(several.what(), "default-account"));
  assert_true(contains(several.what(), "'cmd:joana'"));
  const Error option = error_of([&] { config.account("", "--account="); });
  assert_true(contains(option.what(), "'--account=joana'"));
  const Config empty = load(directory, "");
  assert_true(contains(error_of([&] { empty.account(); }).what(), "smartcmd setup"));
  const Config without = load(directory, service_group);
  assert_false(contains(error_of([&] { without.account(); }).what(), "smartcmd setup"));
}

void the_environment_names_the_one_file(void**) {
  const TemporaryDirectory directory;
  const auto file = directory.write("named.conf", with_account());
  setenv("SMARTCMD_CONFIG", file.c_str(), 1);
  setenv("SMARTCMD_ASKPASS", "/usr/bin/ask", 1);
  unsetenv("SMARTCMD_PINENTRY");
  const Config config = Config::load();
  assert_string_equal(config.account().name.c_str(), "joana");
  assert_string_equal(config.askpass().c_str(), "/usr/bin/ask");
  assert_string_equal(config.pinentry().c_str(), default_pinentry);
  for (const auto& [variable, pinentry] : {std::pair{"/bin/pin", "/bin/pin"}, {"none", ""}, {"", default_pinentry}}) {
    setenv("SMARTCMD_PINENTRY", variable, 1);
    assert_string_equal(Config::load().pinentry().c_str(), pinentry);
  }
  unsetenv("SMARTCMD_PINENTRY");
  setenv("SMARTCMD_CONFIG", (directory.path() / "missing.conf").c_str(), 1);
  expect_error(Errc::configuration, [] { Config::load(); });
  unsetenv("SMARTCMD_CONFIG");
  unsetenv("SMARTCMD_ASKPASS");
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_small_configuration_has_sensible_defaults),
      cmocka_unit_test(everything_can_be_said),
      cmocka_unit_test(several_encryption_certificates_can_be_named),
      cmocka_unit_test(a_mistake_is_found_in_a_long_file),
      cmocka_unit_test(what_others_may_change_is_not_used),
      cmocka_unit_test(an_account_is_named_with_letters),
      cmocka_unit_test(an_unknown_key_is_answered_with_what_there_is),
      cmocka_unit_test(without_an_account_it_is_told_where_was_looked),
      cmocka_unit_test(every_mistake_is_named_with_file_line_and_key),
      cmocka_unit_test(a_wrong_phone_number_is_not_repeated),
      cmocka_unit_test(an_account_nobody_knows_lists_those_there_are),
      cmocka_unit_test(the_environment_names_the_one_file),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
