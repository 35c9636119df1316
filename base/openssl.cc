// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/openssl.h"

#include <openssl/pem.h>

#include <new>

namespace smartcmd {

Bio reading_bio(ByteView octets) {
  // OpenSSL takes no null pointer, not even for nothing.
  Bio bio(
      BIO_new_mem_buf(octets.empty() ? "" : static_cast<const void*>(octets.data()), static_cast<int>(octets.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

Bio writing_bio() {
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio) throw std::bad_alloc();
  return bio;
}

std::string_view written(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return size > 0 ? std::string_view(text, static_cast<std::size_t>(size)) : std::string_view();
}

std::optional<PemBlock> next_pem_block(const Bio& bio) {
  char *label = nullptr, *header = nullptr;
  unsigned char* content = nullptr;
  long size = 0;
  if (PEM_read_bio(bio.get(), &label, &header, &content, &size) != 1) return std::nullopt;
  const OpenSslMemory<char> label_owner(label), header_owner(header);
  const OpenSslMemory<unsigned char> content_owner(content);
  return PemBlock{label, Bytes(content, content + size)};
}

}  // namespace smartcmd
