// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/cms.h>

#include <string>

namespace smartcmd {

/// Why the signed attributes leave open what was signed, or by whom; empty when they do not. Each may be there once,
/// content-type must be `content_type` (RFC 5652 sections 5.3 and 11), and a signing-certificate must name the
/// certificate (RFC 5035). Whether there is one is another question, because a CMS signature is good without it.
std::string fault_of_attributes(const CMS_SignerInfo* signer, const std::string& content_type, const X509* certificate);

/// Whether there is a signing-certificate attribute, as CAdES and timestamps must have it.
bool names_certificate(const CMS_SignerInfo* signer);

}  // namespace smartcmd
