// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/random.h"

#include <openssl/rand.h>

#include "base/crypto_context.h"
#include "base/error.h"

namespace smartcmd::service {

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count);
  if (RAND_bytes_ex(crypto_context(), bytes.data(), bytes.size(), 0) != 1) {
    throw Error(Errc::internal, "The random generator failed.");
  }
  return bytes;
}

SecureString random_digits(std::size_t count) {
  constexpr unsigned even_share = 250;  // of the 256 values of an octet, those that share out evenly among ten digits
  SecureString digits;
  while (digits.size() < count) {
    const unsigned octet = random_bytes(1).front();
    if (octet < even_share) digits.push_back(static_cast<char>('0' + octet % 10));
  }
  return digits;
}

std::string random_uuid() {
  Bytes bytes = random_bytes(16);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  std::string uuid = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) uuid.insert(dash, 1, '-');
  return uuid;
}

}  // namespace smartcmd::service
