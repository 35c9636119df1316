// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "p11kit-module/cryptoki.h"
#include "signing/certificate.h"

namespace smartcmd::p11 {

/// What the attributes of one object are made of.
struct Source {
  CK_OBJECT_CLASS object_class;
  std::string label;
  Bytes id;                                ///< CKA_ID: the same for a key and its certificate
  std::optional<Certificate> certificate;  ///< of the certificate or the keys; nothing for a profile
  bool is_authority = false;               ///< a certificate above the signer's
  bool is_private = false;                 ///< only to be seen after C_Login
  CK_ULONG profile = 0;                    ///< CKP_…, of a profile
  HashSet hashes;                          ///< what the service signs with
};

/// An attribute and its value, as section 4 of PKCS #11 v3.1 encodes it.
struct Attribute {
  CK_ATTRIBUTE_TYPE type;
  Bytes value;
};

/// All attributes the object has.
std::vector<Attribute> attributes_of(const Source& source);

/// Whether a private key has the attribute and will never tell it (CKR_ATTRIBUTE_SENSITIVE).
bool is_secret(CK_OBJECT_CLASS object_class, CK_ATTRIBUTE_TYPE type);

}  // namespace smartcmd::p11
