// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

/// Octets a program gives. Throws CKR_ARGUMENTS_BAD where it announces some and gives none.
inline ByteView input(const CK_BYTE* data, CK_ULONG length) {
  require(data != nullptr || length == 0, CKR_ARGUMENTS_BAD);
  return {data, length};
}

/// A list a program gives, of attributes for instance. No honest one is longer than `max_list`.
inline constexpr CK_ULONG max_list = 4096;
template <class T>
std::span<T> input_list(T* list, CK_ULONG count) {
  require(count <= max_list && (list != nullptr || count == 0), CKR_ARGUMENTS_BAD);
  return {list, count};
}

/// Where a program wants a result of variable length, by the convention of section 5.2.
template <class T>
class Output {
 public:
  /// Throws CKR_ARGUMENTS_BAD when there is no place for the length.
  Output(T* place, CK_ULONG* length) : place_(place), length_(length) {
    require(length != nullptr, CKR_ARGUMENTS_BAD);
    room_ = *length;
  }

  /// Whether the program wants the result now, and has room for it.
  bool has_room(std::size_t size) const { return place_ != nullptr && size <= room_; }
  /// Says how much room the result needs; throws CKR_BUFFER_TOO_SMALL when there is some, but not enough.
  void announce(std::size_t size) {
    *length_ = size;
    require(place_ == nullptr || size <= room_, CKR_BUFFER_TOO_SMALL);
  }
  /// The result itself, or its size.
  void write(std::span<const T> result) {
    announce(result.size());
    if (place_ != nullptr) std::copy(result.begin(), result.end(), place_);
  }

 private:
  T* place_;
  CK_ULONG* length_;
  CK_ULONG room_ = 0;
};

}  // namespace smartcmd::p11
