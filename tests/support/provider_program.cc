// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/provider_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "signing/signing_service.h"

namespace smartcmd {

std::optional<TestHome> home;
OSSL_PROVIDER* smartcmd_provider = nullptr;
const char* const agreeing = "case $1 in pin) echo 1234;; otp) echo 123456;; esac";

namespace {

OSSL_PROVIDER* default_provider = nullptr;
bool default_comes_first = true;

int load_providers(void**) {
  if (setsid() < 0) return -1;
  home.emplace();
  OSSL_PROVIDER_set_default_search_path(nullptr, getenv("SMARTCMD_PROVIDER_DIR"));
  if (default_comes_first) default_provider = OSSL_PROVIDER_load(nullptr, "default");
  smartcmd_provider = OSSL_PROVIDER_load(nullptr, "smartcmd");
  if (!default_comes_first) default_provider = OSSL_PROVIDER_load(nullptr, "default");
  if (smartcmd_provider == nullptr || default_provider == nullptr) return -1;
  home->set_askpass(agreeing);
  const SigningService service(Config::load());
  service.enrol(service.config().account());
  return 0;
}

int unload_providers(void**) {
  home.reset();
  return OSSL_PROVIDER_unload(smartcmd_provider) == 1 && OSSL_PROVIDER_unload(default_provider) == 1 ? 0 : -1;
}

int set_up(void**) {
  home->set_askpass(agreeing);
  std::filesystem::remove(home->file("log"));
  for (const char* name : {"SMARTCMD_FAKE_FAULT", "SMARTCMD_FAKE_PIN"}) unsetenv(name);
  return 0;
}

int tear_down(void**) {
  const unsigned long error = ERR_peek_error();
  if (error == 0) return 0;
  ERR_print_errors_fp(stderr);
  return -1;
}

}  // namespace

int run_in_both_orders(std::span<const CMUnitTest> tests) {
  for (const bool default_first : {true, false}) {
    const pid_t child = fork();
    if (child == 0) {
      default_comes_first = default_first;
      std::vector<CMUnitTest> rows(tests.begin(), tests.end());
      for (CMUnitTest& row : rows) {
        row.setup_func = set_up;
        row.teardown_func = tear_down;
      }
      exit(_cmocka_run_group_tests(default_first ? "default first" : "smartcmd first", rows.data(), rows.size(),
                                   load_providers, unload_providers));
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) return 1;
  }
  return 0;
}

std::size_t signatures_asked() {
  const std::string log = home->log();
  std::size_t count = 0;
  for (auto at = log.find("start\n"); at != std::string::npos; at = log.find("start\n", at + 1)) ++count;
  return count;
}

std::string new_text() {
  static std::atomic<unsigned> number{0};
  return "document number " + std::to_string(++number);
}

void expect_no_error_left() {
  const unsigned long error = ERR_peek_error();
  if (error != 0) fail_msg("left in the queue: %s", ERR_error_string(error, nullptr));
}

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

Store open_store(const char* uri, int expected) {
  Store store(OSSL_STORE_open(uri, nullptr, nullptr, nullptr, nullptr));
  if (store && expected != 0) assert_int_equal(OSSL_STORE_expect(store.get(), expected), 1);
  return store;
}

Key load_key(const char* uri, int kind, const UI_METHOD* ui, void* ui_data) {
  const Store store(OSSL_STORE_open(uri, ui, ui_data, nullptr, nullptr));
  assert_non_null(store.get());
  assert_int_equal(OSSL_STORE_expect(store.get(), kind), 1);
  const Info info(OSSL_STORE_load(store.get()));
  assert_non_null(info.get());
  return Key(kind == OSSL_STORE_INFO_PKEY ? OSSL_STORE_INFO_get1_PKEY(info.get())
                                          : OSSL_STORE_INFO_get1_PUBKEY(info.get()));
}

X509Ptr load_certificate(const char* uri) {
  const Store store = open_store(uri, OSSL_STORE_INFO_CERT);
  const Info info(OSSL_STORE_load(store.get()));
  assert_non_null(info.get());
  return X509Ptr(OSSL_STORE_INFO_get1_CERT(info.get()));
}

Bytes digest_sign(EVP_PKEY* key, const std::string& text, const char* hash) {
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

bool verifies(const Bytes& signature, const std::string& text, const char* hash) {
  const X509Ptr certificate = load_certificate();
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, nullptr, nullptr, X509_get0_pubkey(certificate.get()),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(text).data(), text.size()) == 1;
}

}  // namespace smartcmd
