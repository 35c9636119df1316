// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The provider through libcrypto's API, with the fake agent (SMARTCMD_AGENT). The default provider is listed first, as
// most configurations have it.

#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/cms.h>
#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "provider/provider.h"
#include "signing/c_ptr.h"
#include "signing/crypto_context.h"
#include "signing/hasher.h"
#include "signing/signing_service.h"
#include "signing/uri.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

using Key = CPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = CPtr<X509, X509_free>;
using Store = CPtr<OSSL_STORE_CTX, OSSL_STORE_close>;
using Info = CPtr<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
using KeyContext = CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = CPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using Memory = CPtr<BIO, BIO_free_all>;

std::optional<TestHome> home;
OSSL_PROVIDER* smartcmd_provider = nullptr;
bool default_comes_first = true;
const std::string agreeing = "case $1 in pin) echo 1234;; otp) echo 123456;; esac";

// ---- around the tests -----------------------------------------------------------------------------------------------

int load_providers(void**) {
  if (setsid() < 0) return -1;  // no terminal, so that OpenSSL's own prompts end at once
  home.emplace();
  OSSL_PROVIDER_set_default_search_path(nullptr, getenv("SMARTCMD_PROVIDER_DIR"));
  if (default_comes_first && OSSL_PROVIDER_load(nullptr, "default") == nullptr) return -1;
  smartcmd_provider = OSSL_PROVIDER_load(nullptr, "smartcmd");
  if (smartcmd_provider == nullptr || OSSL_PROVIDER_load(nullptr, "default") == nullptr) return -1;
  home->set_askpass(agreeing);
  const SigningService service(Config::load());
  service.enrol(service.config().account());
  return 0;
}

int unload_providers(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  home->set_askpass(agreeing);
  std::filesystem::remove(home->file("log"));
  for (const char* name : {"SMARTCMD_FAKE_FAULT", "SMARTCMD_FAKE_PIN"}) unsetenv(name);
  ERR_clear_error();
  return 0;
}

std::size_t signatures_asked() {
  const std::string log = home->log();
  std::size_t count = 0;
  for (auto at = log.find("start\n"); at != std::string::npos; at = log.find("start\n", at + 1)) ++count;
  return count;
}

// What was signed just now is remembered, so each test signs something of its own.
std::string new_text() {
  static std::atomic<unsigned> number{0};
  return "document number " + std::to_string(++number);
}

void expect_no_error_left() {
  const unsigned long error = ERR_peek_error();
  if (error != 0) fail_msg("left in the queue: %s", ERR_error_string(error, nullptr));
}

/// The last error is ours and says `part`.
void expect_our_error(Errc code, const std::string& part) {
  const char* data = nullptr;
  int flags = 0;
  bool found = false;
  std::string all;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    all += std::string(ERR_reason_error_string(error) != nullptr ? ERR_reason_error_string(error) : "?") + ": " + data +
           "\n";
    found = found || (static_cast<int>(code) == ERR_GET_REASON(error) && contains(data, part));
  }
  if (!found) fail_msg("'%s' was not among: %s", part.c_str(), all.c_str());
}

Store open_store(const char* uri, int expected = 0) {
  Store store(OSSL_STORE_open(uri, nullptr, nullptr, nullptr, nullptr));
  if (store && expected != 0) assert_int_equal(OSSL_STORE_expect(store.get(), expected), 1);
  return store;
}

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

Key load_key(const char* uri = "cmd:", int kind = OSSL_STORE_INFO_PKEY, const UI_METHOD* ui = nullptr,
             void* ui_data = nullptr) {
  const Store store(OSSL_STORE_open(uri, ui, ui_data, nullptr, nullptr));
  assert_non_null(store.get());
  assert_int_equal(OSSL_STORE_expect(store.get(), kind), 1);
  const Info info(OSSL_STORE_load(store.get()));
  assert_non_null(info.get());
  return Key(kind == OSSL_STORE_INFO_PKEY ? OSSL_STORE_INFO_get1_PKEY(info.get())
                                          : OSSL_STORE_INFO_get1_PUBKEY(info.get()));
}

X509Ptr load_certificate(const char* uri = "cmd:") {
  const Store store = open_store(uri, OSSL_STORE_INFO_CERT);
  const Info info(OSSL_STORE_load(store.get()));
  assert_non_null(info.get());
  return X509Ptr(OSSL_STORE_INFO_get1_CERT(info.get()));
}

Bytes digest_sign(EVP_PKEY* key, const std::string& text, const char* hash = "SHA256") {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit_ex(context.get(), nullptr, hash, nullptr, nullptr, key, nullptr) != 1) return {};
  for (const char c : text) assert_int_equal(EVP_DigestSignUpdate(context.get(), &c, 1), 1);
  assert_int_equal(EVP_DigestSignFinal(context.get(), nullptr, &size), 1);
  Bytes signature(size);
  if (EVP_DigestSignFinal(context.get(), signature.data(), &size) != 1) return {};
  signature.resize(size);
  return signature;
}

bool verifies(const Bytes& signature, const std::string& text, const char* hash = "SHA256") {
  const X509Ptr certificate = load_certificate();
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, nullptr, nullptr, X509_get0_pubkey(certificate.get()),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(text).data(), text.size()) == 1;
}

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

// ---- the key --------------------------------------------------------------------------------------------------------

void the_key_matches_its_certificate_and_no_other(void**) {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  assert_int_equal(X509_check_private_key(certificate.get(), key.get()), 1);
  assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key.get()), 1);
  assert_int_equal(EVP_PKEY_eq(key.get(), load_key().get()), 1);
  const Key stranger(EVP_RSA_gen(2048));
  assert_non_null(stranger.get());
  assert_int_not_equal(EVP_PKEY_eq(key.get(), stranger.get()), 1);
  assert_int_equal(EVP_PKEY_is_a(key.get(), "RSA"), 1);
  assert_int_equal(EVP_PKEY_get_bits(key.get()), 2048);
  assert_int_equal(EVP_PKEY_get_size(key.get()), 256);
  assert_int_equal(EVP_PKEY_get_security_bits(key.get()), 112);
  char digest[32] = "";
  assert_int_equal(EVP_PKEY_get_default_digest_name(key.get(), digest, sizeof digest), 1);
  assert_string_equal(digest, "SHA256");
  expect_no_error_left();
  const Key copy(EVP_PKEY_dup(key.get()));
  assert_non_null(copy.get());
  assert_int_equal(EVP_PKEY_eq(copy.get(), key.get()), 1);
}

void only_the_public_half_leaves(void**) {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  unsigned char *ours = nullptr, *theirs = nullptr;
  const int size = i2d_PUBKEY(key.get(), &ours);
  assert_true(size > 0);
  assert_int_equal(i2d_PUBKEY(X509_get0_pubkey(certificate.get()), &theirs), size);
  assert_memory_equal(ours, theirs, static_cast<std::size_t>(size));
  OPENSSL_free(ours);
  OPENSSL_free(theirs);

  assert_true(i2d_PrivateKey(key.get(), nullptr) <= 0);
  const Memory memory(BIO_new(BIO_s_mem()));
  assert_int_equal(PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 0);
  BIGNUM* exponent = nullptr;
  assert_int_equal(EVP_PKEY_get_bn_param(key.get(), "d", &exponent), 0);
}

void the_public_half_cannot_sign(void**) {
  const Key half = load_key("cmd:", OSSL_STORE_INFO_PUBKEY);
  assert_true(digest_sign(half.get(), new_text()).empty());
  assert_int_equal(signatures_asked(), 0);
}

void other_keys_stay_with_the_default_provider(void**) {
  for (const char* properties : {"", "?provider=smartcmd"}) {
    const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", properties));
    EVP_PKEY* made = nullptr;
    assert_int_equal(EVP_PKEY_keygen_init(maker.get()), 1);
    EVP_PKEY_CTX_set_rsa_keygen_bits(maker.get(), 2048);
    assert_int_equal(EVP_PKEY_generate(maker.get(), &made), 1);
    const Key key(made);
    const std::string text = new_text();
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 256;
    Bytes signature(size);
    assert_int_equal(EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, properties, key.get(), nullptr),
                     1);
    assert_int_equal(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text).data(), text.size()), 1);
    const DigestContext check(EVP_MD_CTX_new());
    assert_int_equal(EVP_DigestVerifyInit_ex(check.get(), nullptr, "SHA256", nullptr, properties, key.get(), nullptr),
                     1);
    assert_int_equal(EVP_DigestVerify(check.get(), signature.data(), size, bytes_of(text).data(), text.size()), 1);
  }
  assert_int_equal(signatures_asked(), 0);
  expect_no_error_left();
}

// ---- signing --------------------------------------------------------------------------------------------------------

void a_document_is_signed_with_one_password(void**) {
  const Key key = load_key();
  for (const char* hash : {"SHA256", "SHA384", "SHA512"}) {
    const std::string text = new_text();
    const std::size_t before = signatures_asked();
    const Bytes signature = digest_sign(key.get(), text, hash);
    assert_int_equal(signature.size(), 256);
    assert_true(verifies(signature, text, hash));
    assert_int_equal(signatures_asked(), before + 1);
  }
  expect_no_error_left();
}

void signing_at_once_gives_the_same(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  assert_int_equal(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
  assert_int_equal(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text).data(), text.size()), 1);
  assert_int_equal(signatures_asked(), 0);
  Bytes signature(size);
  assert_int_equal(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text).data(), text.size()), 1);
  assert_true(verifies(signature, text));
  assert_int_equal(signatures_asked(), 1);
}

void the_size_is_known_without_asking(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  const Bytes digest(32, 7);
  std::size_t size = 0;
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
  assert_int_equal(EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()), 1);
  assert_int_equal(size, 256);
  Bytes small(255);
  size = small.size();
  assert_int_not_equal(EVP_PKEY_sign(context.get(), small.data(), &size, digest.data(), digest.size()), 1);
  assert_int_equal(signatures_asked(), 0);
}

void a_digest_or_a_digest_info_is_signed(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  Hasher hasher(Hash::sha256);
  hasher.update(bytes_of(text));
  const Bytes digest = hasher.digest().value, digest_info = to_digest_info(hasher.digest());
  for (const bool named : {true, false}) {
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    const Bytes& given = named ? digest : digest_info;
    assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
    if (named) assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
    const KeyContext copy(EVP_PKEY_CTX_dup(context.get()));
    assert_non_null(copy.get());
    std::size_t size = 256;
    Bytes signature(size);
    assert_int_equal(EVP_PKEY_sign(copy.get(), signature.data(), &size, given.data(), given.size()), 1);
    assert_true(verifies(signature, text));
  }
}

void both_halves_verify(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  Bytes signature = digest_sign(key.get(), text);
  Hasher hasher(Hash::sha256);
  hasher.update(bytes_of(text));
  const Bytes digest = hasher.digest().value;
  const Key half = load_key("cmd:", OSSL_STORE_INFO_PUBKEY);
  for (const bool right : {true, false}) {
    for (EVP_PKEY* one : {key.get(), half.get()}) {
      const DigestContext document(EVP_MD_CTX_new());
      assert_int_equal(EVP_DigestVerifyInit(document.get(), nullptr, EVP_sha256(), nullptr, one), 1);
      assert_int_equal(EVP_DigestVerifyUpdate(document.get(), text.data(), text.size()), 1);
      assert_int_equal(EVP_DigestVerifyFinal(document.get(), signature.data(), signature.size()) == 1, right);
      const KeyContext bare(EVP_PKEY_CTX_new(one, nullptr));
      assert_int_equal(EVP_PKEY_verify_init(bare.get()), 1);
      assert_int_equal(EVP_PKEY_CTX_set_signature_md(bare.get(), EVP_sha256()), 1);
      assert_int_equal(
          EVP_PKEY_verify(bare.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1, right);
    }
    signature[7] ^= 1;
  }
  assert_int_equal(signatures_asked(), 1);
}

void what_is_no_digest_is_refused(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::size_t size = 256;
  Bytes signature(size);
  const Bytes bare(32, 1);
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_not_equal(EVP_PKEY_sign(context.get(), signature.data(), &size, bare.data(), bare.size()), 1);
  expect_our_error(Errc::unsupported, "digest:sha256");
  assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha384()), 1);
  assert_int_not_equal(EVP_PKEY_sign(context.get(), signature.data(), &size, bare.data(), bare.size()), 1);
  expect_our_error(Errc::invalid_argument, "48 octets");
  assert_int_equal(signatures_asked(), 0);
}

void what_the_key_cannot_do_is_refused_with_the_reason(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING), 1);
  for (const int padding : {RSA_PKCS1_PSS_PADDING, RSA_NO_PADDING, RSA_X931_PADDING}) {
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), padding), 1);
    expect_our_error(Errc::unsupported, "PKCS#1 v1.5");
  }
  assert_int_not_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()), 1);
  expect_our_error(Errc::hash_not_allowed, "SHA1");
  const DigestContext digest(EVP_MD_CTX_new());
  assert_int_not_equal(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha3_256(), nullptr, key.get()), 1);
  expect_our_error(Errc::hash_not_allowed, "SHA3-256");
  const KeyContext decryption(EVP_PKEY_CTX_new(key.get(), nullptr));
  assert_int_not_equal(EVP_PKEY_decrypt_init(decryption.get()), 1);
}

void a_copied_context_goes_its_own_way(void**) {
  const Key key = load_key();
  const std::string start = new_text();
  const DigestContext one(EVP_MD_CTX_new()), other(EVP_MD_CTX_new());
  assert_int_equal(EVP_DigestSignInit(one.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
  assert_int_equal(EVP_DigestSignUpdate(one.get(), start.data(), start.size()), 1);
  assert_int_equal(EVP_MD_CTX_copy_ex(other.get(), one.get()), 1);
  assert_int_equal(EVP_DigestSignUpdate(other.get(), "!", 1), 1);
  std::size_t size = 256;
  Bytes signature(size);
  assert_int_equal(EVP_DigestSignFinal(other.get(), signature.data(), &size), 1);
  assert_true(verifies(signature, start + "!"));
  assert_int_equal(EVP_DigestSignFinal(one.get(), signature.data(), &size), 1);
  assert_true(verifies(signature, start));
}

void the_algorithm_identifier_is_der(void**) {
  const Key key = load_key();
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  assert_int_equal(EVP_DigestSignInit(context.get(), &parameters, EVP_sha384(), nullptr, key.get()), 1);
  unsigned char id[32];
  std::size_t size = 0;
  OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string("algorithm-id", id, sizeof id), OSSL_PARAM_construct_end()};
  assert_int_equal(EVP_PKEY_CTX_get_params(parameters, params), 1);
  size = params[0].return_size;
  // SEQUENCE { sha384WithRSAEncryption, NULL }
  assert_string_equal(to_hex({id, size}).c_str(), "300d06092a864886f70d01010c0500");
  int padding = 0;
  assert_true(EVP_PKEY_CTX_get_rsa_padding(parameters, &padding) > 0);
  assert_int_equal(padding, RSA_PKCS1_PADDING);
}

void cms_is_signed_and_verifies(void**) {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  const std::string text = new_text();
  for (const unsigned flags : {0U, unsigned{CMS_NOATTR}, unsigned{CMS_CADES}}) {
    const Memory document(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const CPtr<CMS_ContentInfo, CMS_ContentInfo_free> cms(
        CMS_sign(certificate.get(), key.get(), nullptr, document.get(), CMS_BINARY | flags));
    assert_non_null(cms.get());
    // With the key that signed, and with the certificate's alone.
    assert_int_equal(CMS_verify(cms.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);
    unsigned char* der = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &der);
    const unsigned char* start = der;
    const CPtr<CMS_ContentInfo, CMS_ContentInfo_free> read(d2i_CMS_ContentInfo(nullptr, &start, size));
    OPENSSL_free(der);
    assert_int_equal(CMS_verify(read.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);
    expect_no_error_left();
  }
}

void certificates_are_signed(void**) {
  const Key key = load_key();
  const X509Ptr certificate(X509_dup(load_certificate().get()));
  assert_true(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  assert_int_equal(
      X509_verify(certificate.get(), key.get() != nullptr ? X509_get0_pubkey(load_certificate().get()) : nullptr), 1);
}

// ---- failures -------------------------------------------------------------------------------------------------------

void a_refusal_reaches_the_queue(void**) {
  const Key key = load_key();
  setenv("SMARTCMD_FAKE_FAULT", "wrong-pin", 1);
  assert_true(digest_sign(key.get(), new_text()).empty());
  const unsigned long error = ERR_peek_last_error();
  assert_string_equal(ERR_reason_error_string(error), "wrong PIN");
  expect_our_error(Errc::wrong_pin, "[801]");
  home->set_askpass("exit 1");
  assert_true(digest_sign(key.get(), new_text()).empty());
  expect_our_error(Errc::cancelled, "");
}

void every_error_has_a_reason(void**) {
  std::set<std::string> reasons;
  const int library = [] {
    open_store("cmd:maria");
    const int number = ERR_GET_LIB(ERR_peek_last_error());
    ERR_clear_error();
    return number;
  }();
  for (unsigned code = 1; code <= static_cast<unsigned>(last_errc); ++code) {
    const char* reason = ERR_reason_error_string(ERR_PACK(library, 0, static_cast<int>(code)));
    assert_non_null(reason);
    assert_string_not_equal(reason, "unknown error");
    assert_true(reasons.insert(reason).second);
  }
}

// ---- the PIN --------------------------------------------------------------------------------------------------------

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

// ---- key files ------------------------------------------------------------------------------------------------------

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

void a_wrong_key_file_is_told(void**) {
  assert_null(read_key_file(key_file("cmd:maria")).get());
  expect_our_error(Errc::unknown_account, "maria");
  assert_null(read_key_file(key_file("file:key.pem")).get());
  assert_null(read_key_file("-----BEGIN SMARTCMD KEY URI-----\nDARjbWQ6AA==\n-----END SMARTCMD KEY URI-----\n").get());
  expect_our_error(Errc::invalid_argument, "damaged");
}

void other_key_files_are_read_as_ever(void**) {
  std::ifstream file(home->file("key.pem"));
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  const Key key = read_key_file(pem);
  assert_non_null(key.get());
  assert_int_equal(EVP_PKEY_eq(key.get(), X509_get0_pubkey(load_certificate().get())), 1);
  assert_true(i2d_PrivateKey(key.get(), nullptr) > 0);
}

// ---- threads and forks ----------------------------------------------------------------------------------------------

void many_threads_sign_at_once(void**) {
  const Key key = load_key();
  std::atomic<unsigned> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&] {
      const std::string text = new_text();
      if (verifies(digest_sign(key.get(), text), text)) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(good, 64);
  assert_true(signatures_asked() < 64);
}

void a_child_signs_with_the_parents_key(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  const pid_t child = fork();
  if (child == 0) _exit(verifies(digest_sign(key.get(), text), text) ? 0 : 1);
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

// In a process of its own: each meets the providers in its order.
int run_all(bool default_first) {
  default_comes_first = default_first;
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_uri_yields_what_it_names, set_up),
      cmocka_unit_test_setup(what_is_not_there_is_told, set_up),
      cmocka_unit_test_setup(certificates_are_found_by_what_they_say, set_up),
      cmocka_unit_test_setup(attaching_a_stream_is_refused, set_up),
      cmocka_unit_test_setup(the_key_matches_its_certificate_and_no_other, set_up),
      cmocka_unit_test_setup(only_the_public_half_leaves, set_up),
      cmocka_unit_test_setup(the_public_half_cannot_sign, set_up),
      cmocka_unit_test_setup(other_keys_stay_with_the_default_provider, set_up),
      cmocka_unit_test_setup(a_document_is_signed_with_one_password, set_up),
      cmocka_unit_test_setup(signing_at_once_gives_the_same, set_up),
      cmocka_unit_test_setup(the_size_is_known_without_asking, set_up),
      cmocka_unit_test_setup(a_digest_or_a_digest_info_is_signed, set_up),
      cmocka_unit_test_setup(both_halves_verify, set_up),
      cmocka_unit_test_setup(what_is_no_digest_is_refused, set_up),
      cmocka_unit_test_setup(what_the_key_cannot_do_is_refused_with_the_reason, set_up),
      cmocka_unit_test_setup(a_copied_context_goes_its_own_way, set_up),
      cmocka_unit_test_setup(the_algorithm_identifier_is_der, set_up),
      cmocka_unit_test_setup(cms_is_signed_and_verifies, set_up),
      cmocka_unit_test_setup(certificates_are_signed, set_up),
      cmocka_unit_test_setup(a_refusal_reaches_the_queue, set_up),
      cmocka_unit_test_setup(every_error_has_a_reason, set_up),
      cmocka_unit_test_setup(the_application_may_give_the_pin_for_one_signature, set_up),
      cmocka_unit_test_setup(an_empty_answer_leaves_the_pin_to_the_person, set_up),
      cmocka_unit_test_setup(a_listing_asks_no_pin, set_up),
      cmocka_unit_test_setup(a_document_on_standard_input_is_not_taken_for_a_pin, set_up),
      cmocka_unit_test_setup(a_file_may_hold_the_pin, set_up),
      cmocka_unit_test_setup(the_uri_may_name_the_document, set_up),
      cmocka_unit_test_setup(a_pem_file_may_hold_a_uri, set_up),
      cmocka_unit_test_setup(a_wrong_key_file_is_told, set_up),
      cmocka_unit_test_setup(other_key_files_are_read_as_ever, set_up),
      cmocka_unit_test_setup(many_threads_sign_at_once, set_up),
      cmocka_unit_test_setup(a_child_signs_with_the_parents_key, set_up),
      cmocka_unit_test_setup(both_halves_have_the_same_functions, set_up),
  };
  exit(cmocka_run_group_tests(tests, load_providers, unload_providers));
}

}  // namespace
}  // namespace smartcmd

int main() {
  return smartcmd::run_all(true) == 0 && smartcmd::run_all(false) == 0 ? 0 : 1;
}
