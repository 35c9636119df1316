// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// How programs end that have used the provider: each is a process of its own, this program again with the name of its
// end as argument.

#include <openssl/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

// Nobody frees what a program still holds when it ends.
EVP_PKEY* held = nullptr;
OSSL_PROVIDER* default_provider = nullptr;

bool signs(EVP_PKEY* key) {
  const std::string text = new_text();
  return verifies(digest_sign(key, text), text);
}

void free_held_key() {
  EVP_PKEY_free(held);
}

// ---- the ends -------------------------------------------------------------------------------------------------------

bool without_unloading() {
  held = load_key().release();
  return signs(held);
}

bool unloading_first() {
  return signs(load_key().get()) && OSSL_PROVIDER_unload(smartcmd_provider) == 1;
}

bool unloading_under_a_key() {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  if (!signs(key.get()) || OSSL_PROVIDER_unload(smartcmd_provider) != 1) return false;
  const std::string text = new_text();
  return digest_sign(key.get(), text).size() == 256;
}

bool loading_again() {
  if (!signs(load_key().get()) || OSSL_PROVIDER_unload(smartcmd_provider) != 1) return false;
  smartcmd_provider = OSSL_PROVIDER_load(nullptr, "smartcmd");
  return smartcmd_provider != nullptr && signs(load_key().get());
}

bool cleaning_up_by_hand() {
  const bool signed_well = signs(load_key().get()) && OSSL_PROVIDER_unload(smartcmd_provider) == 1 &&
                           OSSL_PROVIDER_unload(default_provider) == 1;
  OPENSSL_cleanup();
  return signed_well;
}

// The handler runs before libcrypto's, which was there first.
bool freeing_the_key_before_libcrypto() {
  held = load_key().release();
  return signs(held) && atexit(free_held_key) == 0;
}

// The handler is registered before libcrypto's, in main, and so runs after it.
bool freeing_the_key_after_libcrypto() {
  held = load_key().release();
  return signs(held);
}

struct End {
  const char* name;
  bool (*run)();
};

constexpr End ends[] = {
    {"without-unloading", without_unloading},
    {"unloading-first", unloading_first},
    {"unloading-under-a-key", unloading_under_a_key},
    {"loading-again", loading_again},
    {"cleaning-up-by-hand", cleaning_up_by_hand},
    {"freeing-the-key-before-libcrypto", freeing_the_key_before_libcrypto},
    {"freeing-the-key-after-libcrypto", freeing_the_key_after_libcrypto},
};

// ---- one program, and the test of all -------------------------------------------------------------------------------

int end_like(std::string_view name) {
  if (name == "freeing-the-key-after-libcrypto") atexit(free_held_key);
  OSSL_PROVIDER_set_default_search_path(nullptr, getenv("SMARTCMD_PROVIDER_DIR"));
  smartcmd_provider = OSSL_PROVIDER_load(nullptr, "smartcmd");
  default_provider = OSSL_PROVIDER_load(nullptr, "default");
  for (const End& end : ends) {
    if (name == end.name) return end.run() ? 0 : 1;
  }
  return 2;
}

void programs_end_well(void**) {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");  // memcheck's is not ours
  for (const End& end : ends) {
    const pid_t child = fork();
    if (child == 0) {
      execl(program.c_str(), program.c_str(), end.name, nullptr);
      _exit(3);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0) fail_msg("%s: status %#x", end.name, static_cast<unsigned>(status));
  }
}

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  using namespace smartcmd;
  if (argc > 1) return end_like(argv[1]);
  const CMUnitTest tests[] = {cmocka_unit_test(programs_end_well)};
  return run_in_both_orders(tests);
}
