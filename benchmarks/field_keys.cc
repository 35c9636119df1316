// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What the service's look at a field costs, by what is wrong with the field: field-keys ROUNDS. One process, the kinds
// in turn, so that whatever else the machine does meets each alike.

#include "service/field_keys.h"

#include <openssl/rsa.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "service/random.h"

namespace smartcmd::service {
namespace {

constexpr std::size_t size = 256;

std::string encrypt(EVP_PKEY* key, const Bytes& text, int padding) {
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes ciphertext(size);
  std::size_t length = size;
  if (EVP_PKEY_encrypt_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1 ||
      EVP_PKEY_encrypt(context.get(), ciphertext.data(), &length, text.data(), text.size()) != 1) {
    std::abort();
  }
  return to_base64(ciphertext);
}

struct Kind {
  const char* name;
  Bytes text;
  int padding;  ///< RSA_NO_PADDING: noise; 0: no base64
};

Bytes octets(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

Bytes noise() {
  Bytes block = random_bytes(size);
  block[0] = 0;
  block[1] = 3;
  return block;
}

void measure(int rounds) {
  const Kind kinds[] = {
      {"right", octets("+351 910000000"), RSA_PKCS1_PADDING},
      {"wrong content", octets("secret"), RSA_PKCS1_PADDING},
      {"wrong padding", octets("1234"), RSA_NO_PADDING},
      {"no base64", octets("*"), 0},
  };
  const Key key = new_rsa_key(8 * size);
  EVP_PKEY_up_ref(key.get());
  std::vector<Key> keys;
  keys.emplace_back(key.get());
  const FieldKeys fields(std::move(keys));
  std::vector<std::vector<double>> times(std::size(kinds));
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t place = 0; place < std::size(kinds); ++place) {
      const std::size_t n = random_bytes(1).front() % std::size(kinds);  // none always follows the same one
      const Kind& kind = kinds[n];
      std::string field = encrypt(key.get(), kind.text, RSA_PKCS1_PADDING);
      if (kind.padding == RSA_NO_PADDING) field = encrypt(key.get(), noise(), RSA_NO_PADDING);
      if (kind.padding == 0) field.assign(field.size(), '*');
      const auto begin = std::chrono::steady_clock::now();
      fields.decrypt(field);
      const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - begin;
      times[n].push_back(passed.count());
    }
  }
  double right = 0;
  for (std::size_t n = 0; n < std::size(kinds); ++n) {
    const auto middle = times[n].begin() + static_cast<std::ptrdiff_t>(times[n].size() / 2);
    std::nth_element(times[n].begin(), middle, times[n].end());
    if (n == 0) right = *middle;
    std::printf("| %-36s | %8.1f | %8.3f |\n", kinds[n].name, *middle, *middle / right);
  }
}

}  // namespace
}  // namespace smartcmd::service

int main(int, char** argv) {
  smartcmd::service::measure(std::max(1000, std::atoi(argv[1])));
}
