// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/secure_string.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

void* new_page(std::size_t size) {
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  // Best effort each: a small RLIMIT_MEMLOCK or an old kernel must not keep anybody from signing.
  mlock(page, size);
  madvise(page, size, MADV_DONTDUMP);
  madvise(page, size, MADV_WIPEONFORK);
  return page;
}

}  // namespace

SecureString::SecureString(std::string_view text) {
  for (const char octet : text) push_back(octet);
}

SecureString::SecureString(SecureString&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

SecureString& SecureString::operator=(SecureString&& other) noexcept {
  std::swap(page_, other.page_);
  other.clear();
  return *this;
}

bool SecureString::operator==(const SecureString& other) const noexcept {
  return size() == other.size() && CRYPTO_memcmp(view().data(), other.view().data(), size()) == 0;
}

void SecureString::push_back(char octet) {
  if (size() == capacity) throw Error(Errc::invalid_secret, _("The secret is too long."));
  if (page_ == nullptr) page_ = new (new_page(sizeof(Page))) Page;
  page_->text[page_->size++] = octet;
}

void SecureString::pop_back() noexcept {
  if (size() > 0) page_->text[--page_->size] = '\0';
}

void SecureString::clear() noexcept {
  if (page_ == nullptr) return;
  explicit_bzero(page_, sizeof(Page));
  munmap(page_, sizeof(Page));
  page_ = nullptr;
}

}  // namespace smartcmd
