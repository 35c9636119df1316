// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string_view>

namespace smartcmd {

/// A secret (PIN, one-time password, password). Its memory is a page of its own: locked where the limits allow it, left
/// out of core files, wiped when cleared, moved from or destroyed; in a forked child it is empty. It is moved, never
/// copied by accident, and holds at most `capacity` octets.
class SecureString {
 public:
  static constexpr std::size_t capacity = 4096 - sizeof(std::size_t);

  SecureString() noexcept = default;
  explicit SecureString(std::string_view text);
  SecureString(SecureString&& other) noexcept;
  SecureString& operator=(SecureString&& other) noexcept;
  SecureString(const SecureString&) = delete;
  SecureString& operator=(const SecureString&) = delete;
  ~SecureString() { clear(); }

  bool empty() const noexcept { return size() == 0; }
  std::size_t size() const noexcept { return page_ == nullptr ? 0 : page_->size; }
  std::string_view view() const noexcept { return page_ == nullptr ? "" : std::string_view(page_->text, page_->size); }
  /// Takes as long whatever the octets are, so that nobody learns them by trying.
  bool operator==(const SecureString& other) const noexcept;
  /// A second copy, for the rare place that needs one.
  SecureString copy() const { return SecureString(view()); }

  /// Adds an octet at the end; throws Errc::invalid_secret beyond `capacity`.
  void push_back(char octet);
  /// Takes the last octet away, if there is one.
  void pop_back() noexcept;
  /// Wipes the secret and gives the page back.
  void clear() noexcept;

 private:
  /// The size is wiped on a fork with the text.
  struct Page {
    std::size_t size = 0;
    char text[capacity];
  };
  Page* page_ = nullptr;
};

}  // namespace smartcmd
