// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The use case both edges share, with the fake agent (SMARTCMD_AGENT).

#include "signing/signing_service.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"
#include "tests/support/threads.h"

namespace smartcmd {
namespace {

std::optional<TestHome> home;
unsigned char next_octet = 0;

int make_home(void**) {
  home.emplace();
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  std::filesystem::remove(home->file("log"));
  std::filesystem::remove_all(home->file("state"));
  unsetenv("SMARTCMD_FAKE_FAULT");
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  return 0;
}

SigningService service() {
  return SigningService(Config::load());
}

// As a program that has just read the certificates
std::vector<Signature> sign(const SigningService& signing, const Account& account, std::vector<Document> documents,
                            Cancellation* cancellation = nullptr) {
  return signing.sign(account, signing.certificates(account).signer(), std::move(documents), {}, cancellation);
}

// What was signed just now is remembered, so every test signs something new.
std::vector<Document> new_documents(std::size_t count) {
  std::vector<Document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes digest(32, ++next_octet);
    digest[0] = static_cast<unsigned char>(i);
    documents.push_back({"", {Hash::sha256, digest}});
  }
  return documents;
}

std::size_t count_of(const std::string& word) {
  const std::string log = home->log();
  std::size_t count = 0;
  for (auto at = log.find(word + "\n"); at != std::string::npos; at = log.find(word + "\n", at + 1)) ++count;
  return count;
}

void enrolling_caches_the_chain_for_its_owner_alone(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  expect_error(Errc::not_enrolled, [&] { signing.certificates(joana); });
  const CertificateChain chain = signing.enrol(joana);
  assert_true(signing.certificates(joana) == chain);
  struct stat status = {};
  assert_int_equal(stat(signing.config().chain_file(joana).c_str(), &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(count_of("certificates"), 1);
  signing.certificates(joana);
  assert_int_equal(count_of("certificates"), 1);
}

/// What the service gives from now on, until the end of the test.
class GivenChain {
 public:
  explicit GivenChain(const std::string& pem) {
    std::ofstream(home->file("given.pem")) << pem;
    setenv("SMARTCMD_FAKE_CHAIN", home->file("given.pem").c_str(), 1);
  }
  ~GivenChain() { setenv("SMARTCMD_FAKE_CHAIN", home->file("chain.pem").c_str(), 1); }
  GivenChain(const GivenChain&) = delete;
  GivenChain& operator=(const GivenChain&) = delete;
};

TestCertificate certificate(const std::string& name, const TestCertificate* issuer = nullptr, unsigned bits = 2048) {
  TestCertificate::Options options{issuer == nullptr ? "EC" : "RSA"};
  options.name = name;
  options.issuer = issuer;
  options.authority = issuer == nullptr;
  options.bits = bits;
  return TestCertificate::make(options);
}

void an_authority_that_did_not_sign_is_not_kept(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const TestCertificate authority = certificate("Authority"), stranger = certificate("Authority");
  const TestCertificate signer = certificate("Joana", &authority);
  {
    const GivenChain given(signer.pem() + stranger.pem());
    const CertificateChain chain = signing.enrol(joana);
    assert_int_equal(chain.authorities().size(), 0);
    assert_true(signing.certificates(joana) == chain);
  }
  {
    const GivenChain given(signer.pem() + stranger.pem() + authority.pem());
    const CertificateChain chain = signing.enrol(joana);
    assert_int_equal(chain.authorities().size(), 1);
    assert_true(chain.signer().is_signed_by(chain.authorities()[0]));
    assert_true(signing.certificates(joana) == chain);
  }
}

void a_short_key_is_not_enrolled(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const TestCertificate authority = certificate("Authority");
  for (const unsigned bits : {512U, 1024U, 2040U}) {
    const GivenChain given(certificate("Joana", &authority, bits).pem() + authority.pem());
    const Error error = error_of([&] { signing.enrol(joana); });
    assert_true(error.code() == Errc::answer_malformed);
    assert_true(contains(error.what(), "The key of Joana has only " + std::to_string(bits) + " bits"));
    expect_error(Errc::not_enrolled, [&] { signing.certificates(joana); });
  }
}

void a_broken_cache_says_how_to_mend_it(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  std::ofstream(signing.config().chain_file(joana)) << "rubbish";
  const Error error = error_of([&] { signing.certificates(joana); });
  assert_true(error.code() == Errc::configuration);
  assert_true(contains(error.what(), "smartcmd enrol joana"));
}

void signing_without_certificates_asks_nobody(void**) {
  const SigningService signing = service();
  expect_error(Errc::not_enrolled, [&] { sign(signing, signing.config().account(), new_documents(1)); });
  assert_string_equal(home->log().c_str(), "");
}

void the_environment_names_what_has_no_name(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  std::vector<Document> documents = new_documents(3);
  documents[1].name = "own.pdf";
  setenv("SMARTCMD_DOCUMENT", "letter\n.pdf", 1);
  sign(signing, joana, documents);
  unsetenv("SMARTCMD_DOCUMENT");
  assert_true(contains(home->log(), "  document letter .pdf\n  document own.pdf\n  document letter  2.pdf\n"));
}

// Only where nobody has said what is signed.
void an_open_document_is_a_hint_for_what_has_no_name(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  home->set_askpass("echo \"$SMARTCMD_OPEN_DOCUMENT\" >> " + home->file("hints").string() +
                    "; case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  std::ofstream(home->file("open.pdf")) << "%PDF";
  std::ifstream open(home->file("open.pdf"));
  std::vector<Document> documents = new_documents(1);
  sign(signing, joana, documents);
  documents = new_documents(1);
  documents[0].name = "own.pdf";
  sign(signing, joana, documents);
  assert_string_equal(home->read("hints").c_str(), "open.pdf\nopen.pdf\n\n\n");
}

void signatures_come_in_order_and_verify(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const CertificateChain chain = signing.enrol(joana);
  const std::vector<Document> documents = new_documents(100);
  const std::vector<Signature> signatures = sign(signing, joana, documents);
  assert_int_equal(signatures.size(), 100);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    assert_true(chain.signer().verify(documents[i].digest, signatures[i].value));
    assert_false(chain.signer().verify(documents[(i + 1) % 100].digest, signatures[i].value));
    assert_string_equal(signatures[i].process_id.c_str(), "fake-process");
  }
  assert_int_equal(count_of("start"), 1);
  assert_int_equal(count_of("finish"), 1);
}

void what_was_just_signed_is_not_asked_again(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  std::vector<Document> documents = new_documents(2);
  const auto first = sign(signing, joana, documents);
  assert_true(sign(signing, joana, documents) == first);
  assert_int_equal(count_of("start"), 1);
  documents.push_back(new_documents(1).front());
  const auto third = sign(signing, joana, documents);
  assert_true(third[0] == first[0] && third[1] == first[1] && third.size() == 3);
  assert_int_equal(count_of("start"), 2);
}

void what_another_thread_is_asked_for_is_not_asked_again(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  const auto asking = home->file("asking-once").string();
  home->set_askpass("case $1 in otp) echo 123456; exit;; esac; if mkdir '" + asking + "'; then mkfifo '" + asking +
                    "/end'; : > '" + asking + "/ready'; read x < '" + asking + "/end'; fi; echo 1234");
  const auto documents = new_documents(1);
  std::vector<Signature> first, second;
  std::thread asked([&] { first = sign(signing, joana, documents); });
  while (!std::filesystem::exists(asking + "/ready")) std::this_thread::yield();
  std::thread other([&] { second = sign(signing, joana, documents); });
  wait_until_all_others_wait();
  std::ofstream(asking + "/end") << "\n";
  asked.join();
  other.join();
  assert_true(first.size() == 1 && first == second);
  assert_int_equal(count_of("start"), 1);
}

void what_may_not_be_signed_asks_nobody(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  expect_error(Errc::invalid_argument, [&] { sign(signing, joana, {}); });
  expect_error(Errc::too_many_documents, [&] { sign(signing, joana, new_documents(101)); });
  expect_error(Errc::hash_not_allowed, [&] { sign(signing, joana, {{"", {Hash::sha1, Bytes(20)}}}); });
  assert_int_equal(count_of("start"), 0);
}

void a_signature_that_does_not_verify_is_thrown_away(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  setenv("SMARTCMD_FAKE_FAULT", "garbage-signature", 1);
  expect_error(Errc::signature_invalid, [&] { sign(signing, joana, new_documents(1)); });
  setenv("SMARTCMD_FAKE_FAULT", "swapped-signatures", 1);
  expect_error(Errc::signature_invalid, [&] { sign(signing, joana, new_documents(2)); });
}

void a_chain_is_read_again_when_its_file_is_another(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const CertificateChain old_chain = signing.enrol(joana);
  assert_true(signing.certificates(joana) == old_chain);
  assert_ptr_equal(signing.certificates(joana).signer().x509(), signing.certificates(joana).signer().x509());
  make_identity(home->file("."));
  std::filesystem::copy_file(home->file("chain.pem"), signing.config().chain_file(joana),
                             std::filesystem::copy_options::overwrite_existing);
  assert_false(signing.certificates(joana) == old_chain);
  std::filesystem::remove(signing.config().chain_file(joana));
  expect_error(Errc::not_enrolled, [&] { signing.certificates(joana); });
}

void a_new_certificate_is_fetched_and_told(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const CertificateChain old_chain = signing.enrol(joana);
  make_identity(home->file("."));  // the service renews key and certificate
  const auto documents = new_documents(1);
  expect_error(Errc::certificate_changed, [&] { sign(signing, joana, documents); });
  const CertificateChain chain = signing.certificates(joana);
  assert_false(chain == old_chain);
  const std::size_t asked = count_of("start");
  expect_error(Errc::certificate_changed, [&] { signing.sign(joana, old_chain.signer(), documents); });
  assert_int_equal(count_of("start"), asked);
  assert_true(chain.signer().verify(documents[0].digest, sign(signing, joana, documents)[0].value));
}

// Two threads wait for one that is asked. The first has read the certificate before the service renewed it, the second
// after: what the new key signs is only the second one's.
void nobody_gets_a_signature_of_another_certificate(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  const Certificate old_signer = signing.enrol(joana).signer();
  const auto asking = home->file("asking").string();
  home->set_askpass("case $1 in otp) echo 123456; exit;; esac; if mkdir '" + asking + "'; then mkfifo '" + asking +
                    "/end'; : > '" + asking + "/ready'; read x < '" + asking + "/end'; fi; echo 1234");
  const auto documents = new_documents(3);
  const auto outcome = [&](std::size_t n) -> std::optional<Errc> {
    try {
      const Certificate signer = signing.certificates(joana).signer();
      const auto signatures = signing.sign(joana, signer, {documents[n]});
      if (!signer.verify(documents[n].digest, signatures[0].value)) return Errc::internal;
      return std::nullopt;
    } catch (const Error& error) {
      return error.code();
    }
  };
  std::optional<Errc> outcomes[3];
  std::vector<std::thread> threads;
  const auto start = [&](std::size_t n) { threads.emplace_back([&, n] { outcomes[n] = outcome(n); }); };
  start(0);
  while (!std::filesystem::exists(asking + "/ready")) std::this_thread::yield();
  start(1);
  wait_until_all_others_wait();
  for (const std::string name : {"key.pem", "chain.pem"}) {
    std::filesystem::copy_file(home->file("renewed-" + name), home->file(name),
                               std::filesystem::copy_options::overwrite_existing);
  }
  signing.enrol(joana);
  assert_false(signing.certificates(joana).signer() == old_signer);
  start(2);
  wait_until_all_others_wait();
  std::ofstream(asking + "/end") << "\n";
  for (std::thread& thread : threads) thread.join();
  assert_true(outcomes[0] == Errc::certificate_changed);  // signed after the renewal, too
  assert_true(outcomes[1] == Errc::certificate_changed);
  assert_false(outcomes[2].has_value());
}

void a_call_can_be_cancelled_from_another_thread(void**) {
  const SigningService signing = service();
  const Account& joana = signing.config().account();
  signing.enrol(joana);
  const auto asking = home->file("asking");
  home->set_askpass("mkfifo '" + asking.string() + ".end'; : > '" + asking.string() + "'; read x < '" +
                    asking.string() + ".end'");
  Cancellation cancellation;
  std::thread other([&] {
    while (!std::filesystem::exists(asking)) std::this_thread::yield();
    cancellation.cancel();
  });
  expect_error(Errc::cancelled, [&] { sign(signing, joana, new_documents(1), &cancellation); });
  other.join();
  assert_int_equal(count_of("start"), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(enrolling_caches_the_chain_for_its_owner_alone, set_up),
      cmocka_unit_test_setup(an_authority_that_did_not_sign_is_not_kept, set_up),
      cmocka_unit_test_setup(a_short_key_is_not_enrolled, set_up),
      cmocka_unit_test_setup(a_broken_cache_says_how_to_mend_it, set_up),
      cmocka_unit_test_setup(signing_without_certificates_asks_nobody, set_up),
      cmocka_unit_test_setup(the_environment_names_what_has_no_name, set_up),
      cmocka_unit_test_setup(an_open_document_is_a_hint_for_what_has_no_name, set_up),
      cmocka_unit_test_setup(signatures_come_in_order_and_verify, set_up),
      cmocka_unit_test_setup(what_was_just_signed_is_not_asked_again, set_up),
      cmocka_unit_test_setup(what_another_thread_is_asked_for_is_not_asked_again, set_up),
      cmocka_unit_test_setup(what_may_not_be_signed_asks_nobody, set_up),
      cmocka_unit_test_setup(a_signature_that_does_not_verify_is_thrown_away, set_up),
      cmocka_unit_test_setup(a_chain_is_read_again_when_its_file_is_another, set_up),
      cmocka_unit_test_setup(a_new_certificate_is_fetched_and_told, set_up),
      cmocka_unit_test_setup(nobody_gets_a_signature_of_another_certificate, set_up),
      cmocka_unit_test_setup(a_call_can_be_cancelled_from_another_thread, set_up),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
