// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <span>
#include <vector>

#include "p11kit-module/attributes.h"
#include "signing/config.h"

namespace smartcmd::p11 {

/// One object of a token.
class Object {
 public:
  explicit Object(const Source& source);

  CK_OBJECT_CLASS object_class() const { return class_; }
  /// Whether it is hidden until C_Login.
  bool is_private() const { return is_private_; }
  /// Whether it has every attribute of the template with that value (section 5.7.6).
  bool matches(std::span<const CK_ATTRIBUTE> wanted) const;
  /// Section 5.7.5, C_GetAttributeValue: fills what it can and says of the rest why not.
  CK_RV read(std::span<CK_ATTRIBUTE> wanted) const;
  /// The size of all values in octets.
  CK_ULONG size() const;

 private:
  const Bytes* value(CK_ATTRIBUTE_TYPE type) const;
  CK_RV read(CK_ATTRIBUTE& wanted) const;

  CK_OBJECT_CLASS class_;
  bool is_private_;
  std::vector<Attribute> attributes_;
};

/// The objects a token has as long as its account keeps its certificates. Handles are never used for another object, so
/// that one from before a change is merely invalid.
class Objects {
 public:
  Objects(CertificateChain chain, const Account& account);

  const Certificate& signer() const { return chain_.signer(); }
  bool belong_to(const CertificateChain& chain) const { return chain_ == chain; }
  /// Nothing when no object has the handle.
  const Object* find(CK_OBJECT_HANDLE handle) const;
  std::vector<CK_OBJECT_HANDLE> search(std::span<const CK_ATTRIBUTE> wanted, bool with_private) const;

 private:
  CertificateChain chain_;
  std::vector<Object> objects_;
  CK_OBJECT_HANDLE first_handle_;
};

}  // namespace smartcmd::p11
