// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/probes.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "signing/hasher.h"

namespace smartcmd {

namespace {

// ---- DER ------------------------------------------------------------------------------------------------------------

enum Tag : unsigned char { octet_string = 0x04, sequence = 0x30, set = 0x31, directory_name = 0xa4 };

// OBJECT IDENTIFIERs, with their tags and lengths
constexpr unsigned char id_content_type[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
constexpr unsigned char id_message_digest[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
constexpr unsigned char id_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
constexpr unsigned char id_signing_certificate_v2[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                       0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f};

Bytes encode(Tag tag, std::initializer_list<ByteView> contents) {
  std::size_t size = 0;
  for (const ByteView content : contents) size += content.size();
  Bytes der = {tag};
  if (size > 0xff) {  // and no certificate's name is beyond 0xffff
    der.push_back(0x82);
    der.push_back(static_cast<unsigned char>(size >> 8));
  } else if (size > 0x7f) {
    der.push_back(0x81);
  }
  der.push_back(static_cast<unsigned char>(size));
  for (const ByteView content : contents) der.insert(der.end(), content.begin(), content.end());
  return der;
}

Bytes attribute(ByteView id, const Bytes& value) {
  return encode(sequence, {id, encode(set, {value})});
}

// ---- what the programs sign -----------------------------------------------------------------------------------------

// RFC 5035 section 4, with the hash, the issuer's name and the serial number.
Bytes signing_certificate_v2(const Certificate& signer) {
  // A DigestInfo's prefix, between the outer SEQUENCE and the OCTET STRING of the digest, is the AlgorithmIdentifier.
  const ByteView prefix = info(Hash::sha256).prefix;
  const ByteView algorithm = prefix.subspan(2, prefix.size() - 4);
  const Bytes issuer = encode(sequence, {encode(directory_name, {signer.issuer()})});
  const Bytes issuer_serial = encode(sequence, {issuer, signer.serial_number()});
  const Bytes certificate_hash = encode(octet_string, {signer.fingerprint()});
  return encode(sequence, {encode(sequence, {encode(sequence, {algorithm, certificate_hash, issuer_serial})})});
}

// RFC 5652 section 5.4: the attributes as they are signed, without a time, in the order of their encodings.
Bytes signed_attributes(const Certificate& signer, ByteView content) {
  return encode(set, {attribute(id_content_type, Bytes(std::begin(id_data), std::end(id_data))),
                      attribute(id_message_digest, encode(octet_string, {sha256(content)})),
                      attribute(id_signing_certificate_v2, signing_certificate_v2(signer))});
}

constexpr unsigned char pdf[] = {'P', 'D', 'F', '\0'};
constexpr unsigned char password_test[] = {'t', 'e', 's', 't', '\0'};

constexpr ByteView probes[] = {
    pdf,            // poppler up to 22.12, to learn how large the signature of a PDF will be
    password_test,  // poppler's CertificateInfo::checkPassword (Okular), to learn whether the token wants a password
};

}  // namespace

bool is_probe(const Certificate& signer, const Digest& digest) {
  return digest.hash == Hash::sha256 && std::any_of(std::begin(probes), std::end(probes), [&](ByteView content) {
           return digest.value == sha256(signed_attributes(signer, content));
         });
}

}  // namespace smartcmd
