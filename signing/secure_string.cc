// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/secure_string.h"

#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

#include "signing/error.h"
#include "signing/text.h"

namespace smartcmd {

namespace {

char* new_page() {
  void* page = mmap(nullptr, SecureString::capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  // Best effort each: a small RLIMIT_MEMLOCK or an old kernel must not keep anybody from signing.
  mlock(page, SecureString::capacity);
  madvise(page, SecureString::capacity, MADV_DONTDUMP);
  madvise(page, SecureString::capacity, MADV_WIPEONFORK);
  return static_cast<char*>(page);
}

}  // namespace

SecureString::SecureString(std::string_view text) {
  for (const char octet : text) push_back(octet);
}

SecureString::SecureString(SecureString&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecureString& SecureString::operator=(SecureString&& other) noexcept {
  std::swap(page_, other.page_);
  std::swap(size_, other.size_);
  other.clear();
  return *this;
}

void SecureString::push_back(char octet) {
  if (size_ == capacity) throw Error(Errc::invalid_secret, _("The secret is too long."));
  if (page_ == nullptr) page_ = new_page();
  page_[size_++] = octet;
}

void SecureString::pop_back() noexcept {
  if (size_ > 0) page_[--size_] = '\0';
}

void SecureString::clear() noexcept {
  if (page_ == nullptr) return;
  explicit_bzero(page_, capacity);
  munmap(page_, capacity);
  page_ = nullptr;
  size_ = 0;
}

}  // namespace smartcmd
