// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// PEM files that hold a cmd: URI.

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>

#include "signing/uri.h"
#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

std::string key_file(const std::string& uri, const char* label = key_file_label) {
  const CPtr<ASN1_UTF8STRING, ASN1_UTF8STRING_free> text(ASN1_UTF8STRING_new());
  ASN1_STRING_set(text.get(), uri.data(), static_cast<int>(uri.size()));
  unsigned char* der = nullptr;
  const int length = i2d_ASN1_UTF8STRING(text.get(), &der);
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio(memory.get(), label, "", der, length);
  OPENSSL_free(der);
  char* start = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &start);
  return {start, static_cast<std::size_t>(size)};
}

Key read_key_file(const std::string& pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
}

void a_pem_file_may_hold_a_uri(void**) {
  const Key key = read_key_file(key_file("cmd:joana"));
  assert_non_null(key.get());
  const std::string text = new_text();
  assert_true(verifies(digest_sign(key.get(), text), text));
  const Key other = read_key_file("Some words\n" + key_file("other", "OTHER LABEL") + key_file("cmd:"));
  assert_non_null(other.get());
}

std::string pem_of(const std::string& name) {
  std::ifstream file(home->file(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// As one after the other reads them.
void what_stands_beside_our_key_is_read_as_well(void**) {
  const std::string certificate = pem_of("chain.pem").substr(0, pem_of("chain.pem").find("-----BEGIN", 1));
  for (const std::string& pem :
       {key_file("cmd:") + certificate, "Joana's key\n" + key_file("cmd:") + "Her certificate\n" + certificate}) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    assert_non_null(Key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr)).get());
    assert_non_null(X509Ptr(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)).get());
  }
  assert_non_null(read_key_file(certificate + certificate + certificate + certificate + key_file("cmd:")).get());
}

void the_first_key_of_a_file_is_the_one(void**) {
  const std::string plain = pem_of("key.pem");
  assert_true(i2d_PrivateKey(read_key_file(plain + key_file("cmd:")).get(), nullptr) > 0);
  const Key ours = read_key_file(key_file("cmd:") + plain);
  const std::string text = new_text();
  assert_true(verifies(digest_sign(ours.get(), text), text));
  assert_true(i2d_PrivateKey(ours.get(), nullptr) <= 0);
  ERR_clear_error();
}

void a_wrong_key_file_is_told(void**) {
  assert_null(read_key_file(key_file("cmd:maria")).get());
  expect_our_error(Errc::unknown_account, "maria");
  assert_null(read_key_file(key_file("file:key.pem")).get());
  assert_null(read_key_file("-----BEGIN SMARTCMD KEY URI-----\nDARjbWQ6AA==\n-----END SMARTCMD KEY URI-----\n").get());
  expect_our_error(Errc::invalid_argument, "damaged");
}

// It may be somebody else's, who must not choose a file to be read here, or a name for what is signed.
void a_key_file_names_no_other_file_and_no_document(void**) {
  const std::string fifo = home->file("fifo");
  assert_int_equal(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& query :
       {"pin-source=file:" + fifo, std::string("pin-source=/nowhere"), std::string("name=a")}) {
    assert_null(read_key_file(key_file("cmd:joana?" + query)).get());
    expect_our_error(Errc::invalid_argument, "may come from somebody else");
  }
}

void other_key_files_are_read_as_ever(void**) {
  const Key key = read_key_file(pem_of("key.pem"));
  assert_non_null(key.get());
  assert_int_equal(EVP_PKEY_eq(key.get(), X509_get0_pubkey(load_certificate().get())), 1);
  assert_true(i2d_PrivateKey(key.get(), nullptr) > 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_pem_file_may_hold_a_uri),
      cmocka_unit_test(what_stands_beside_our_key_is_read_as_well),
      cmocka_unit_test(the_first_key_of_a_file_is_the_one),
      cmocka_unit_test(a_wrong_key_file_is_told),
      cmocka_unit_test(a_key_file_names_no_other_file_and_no_document),
      cmocka_unit_test(other_key_files_are_read_as_ever),
  };
  return run_in_both_orders(tests);
}
