// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>

namespace smartcmd {

/// Calls a C library's own release function.
template <auto Release>
struct CRelease {
  template <class T>
  void operator()(T* object) const noexcept {
    Release(object);
  }
};

/// The owner of an object of a C library: `CPtr<X509, X509_free>`.
template <class T, auto Release>
using CPtr = std::unique_ptr<T, CRelease<Release>>;

}  // namespace smartcmd
