// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a cmd: URI yields, and that the two halves of the provider fit.

#include <dlfcn.h>
#include <openssl/core_dispatch.h>
#include <openssl/store.h>

#include <set>

#include "provider/provider.h"
#include "signing/uri.h"
#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

// ---- the two halves -------------------------------------------------------------------------------------------------

std::set<int> ids(const OSSL_DISPATCH* table) {
  std::set<int> all;
  for (; table->function_id != 0; ++table) all.insert(table->function_id);
  return all;
}

void both_halves_have_the_same_functions(void**) {
  const std::string file = std::string(getenv("SMARTCMD_PROVIDER_DIR")) + "/" + provider::implementation_file;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  assert_non_null(library);
  const auto* implementation =
      static_cast<const provider::Implementation*>(dlsym(library, provider::implementation_symbol));
  assert_non_null(implementation);
  const std::pair<int, const OSSL_DISPATCH*> operations[] = {{OSSL_OP_KEYMGMT, implementation->keymgmt},
                                                             {OSSL_OP_SIGNATURE, implementation->signature},
                                                             {OSSL_OP_STORE, implementation->store}};
  for (const auto& [operation, table] : operations) {
    int no_cache = 0;
    const OSSL_ALGORITHM* offered = OSSL_PROVIDER_query_operation(smartcmd_provider, operation, &no_cache);
    assert_non_null(offered);
    assert_string_equal(offered->algorithm_names,
                        operation == OSSL_OP_STORE ? "cmd" : "RSA:rsaEncryption:1.2.840.113549.1.1.1");
    assert_true(ids(offered->implementation) == ids(table));
  }
}

// ---- the store ------------------------------------------------------------------------------------------------------

std::vector<int> kinds_in(const char* uri, int expected = 0) {
  const Store store = open_store(uri, expected);
  assert_non_null(store.get());
  std::vector<int> kinds;
  while (OSSL_STORE_eof(store.get()) == 0) {
    if (const Info info(OSSL_STORE_load(store.get())); info) kinds.push_back(OSSL_STORE_INFO_get_type(info.get()));
  }
  if (OSSL_STORE_error(store.get()) != 0) fail_msg("%s, expecting %d, ended in an error", uri, expected);
  return kinds;
}

void a_uri_yields_what_it_names(void**) {
  const int key = OSSL_STORE_INFO_PKEY, certificate = OSSL_STORE_INFO_CERT, public_key = OSSL_STORE_INFO_PUBKEY;
  assert_true((kinds_in("cmd:") == std::vector<int>{key, certificate}));
  assert_true((kinds_in("cmd:joana") == std::vector<int>{key, certificate}));
  assert_true((kinds_in("cmd:type=private") == std::vector<int>{key}));
  assert_true((kinds_in("cmd:type=public") == std::vector<int>{public_key}));
  assert_true((kinds_in("cmd:type=cert") == std::vector<int>{certificate}));
  assert_true((kinds_in("cmd:type=chain") == std::vector<int>{certificate, certificate}));
  assert_true((kinds_in("cmd:", key) == std::vector<int>{key}));
  assert_true((kinds_in("cmd:", certificate) == std::vector<int>{certificate}));
  assert_true((kinds_in("cmd:", public_key) == std::vector<int>{public_key}));
  assert_true(kinds_in("cmd:", OSSL_STORE_INFO_CRL).empty());
  assert_true(kinds_in("cmd:type=cert", key).empty());
  assert_int_equal(signatures_asked(), 0);
  expect_no_error_left();
}

void what_is_not_there_is_told(void**) {
  assert_null(open_store("cmd:maria").get());
  expect_our_error(Errc::unknown_account, "There is no account 'maria'");
  assert_null(open_store("cmd:type=secret").get());
  expect_our_error(Errc::invalid_argument, "private, public, cert or chain");
}

std::size_t found(OSSL_STORE_SEARCH* search, const char* uri = "cmd:") {
  const CPtr<OSSL_STORE_SEARCH, OSSL_STORE_SEARCH_free> owner(search);
  const Store store = open_store(uri, OSSL_STORE_INFO_CERT);
  assert_int_equal(OSSL_STORE_find(store.get(), search), 1);
  std::size_t count = 0;
  while (OSSL_STORE_eof(store.get()) == 0) {
    if (const Info info(OSSL_STORE_load(store.get())); info) ++count;
  }
  return count;
}

void certificates_are_found_by_what_they_say(void**) {
  const X509Ptr signer = load_certificate();
  X509_NAME* subject = X509_get_subject_name(signer.get());
  X509_NAME* issuer = X509_get_issuer_name(signer.get());
  const ASN1_INTEGER* serial = X509_get0_serialNumber(signer.get());
  assert_int_equal(found(OSSL_STORE_SEARCH_by_name(subject)), 1);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_name(issuer)), 0);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_name(issuer), "cmd:type=chain"), 1);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_issuer_serial(issuer, serial)), 1);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_issuer_serial(subject, serial)), 0);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_alias("joana")), 1);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_alias("Joana Teste")), 1);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_alias("maria")), 0);
  Bytes fingerprint(32);
  X509_digest(signer.get(), EVP_sha256(), fingerprint.data(), nullptr);
  assert_int_equal(found(OSSL_STORE_SEARCH_by_key_fingerprint(EVP_sha256(), fingerprint.data(), fingerprint.size())),
                   1);
  fingerprint[0] ^= 1;
  assert_int_equal(found(OSSL_STORE_SEARCH_by_key_fingerprint(EVP_sha256(), fingerprint.data(), fingerprint.size())),
                   0);
}

void attaching_a_stream_is_refused(void**) {
  const Memory memory(BIO_new_mem_buf("cmd:", -1));
  const Store store(
      OSSL_STORE_attach(memory.get(), "cmd", nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  assert_null(store.get());
  expect_our_error(Errc::unsupported, "cannot be read from a stream");
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(both_halves_have_the_same_functions), cmocka_unit_test(a_uri_yields_what_it_names),
      cmocka_unit_test(what_is_not_there_is_told),           cmocka_unit_test(certificates_are_found_by_what_they_say),
      cmocka_unit_test(attaching_a_stream_is_refused),
  };
  return run_in_both_orders(tests);
}
