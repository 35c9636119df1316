// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/authority.h"

#include <openssl/obj_mac.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "service/random.h"
#include "service/settings.h"
#include "signing/certificate.h"

namespace smartcmd::service {

namespace {

namespace fs = std::filesystem;

constexpr unsigned authority_bits = 3072;
constexpr unsigned field_bits = 2048;  // as CMD's: the protocol's clients expect 344 base64 characters
constexpr const char* organisation = "SmartCMD (TEST)";

struct Files {
  const char* key;
  const char* certificate;
};
constexpr Files root_files{"root-key.pem", "root.pem"};
constexpr Files issuing_files{"issuing-key.pem", "issuing.pem"};

fs::path in_authority(const char* file) {
  return fs::path(layout::authority) / file;
}

// ---- profiles; policy 2.999.1 lies under the arc for examples (Rec. ITU-T X.660) ----

const Extension root_extensions[] = {{NID_basic_constraints, "critical,CA:TRUE"},
                                     {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                     {NID_subject_key_identifier, "hash"}};
const Extension issuing_extensions[] = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                        {NID_subject_key_identifier, "hash"},
                                        {NID_authority_key_identifier, "keyid:always"}};
const Extension server_extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                                       {NID_key_usage, "critical,digitalSignature"},
                                       {NID_ext_key_usage, "serverAuth"},
                                       {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
                                       {NID_subject_key_identifier, "hash"},
                                       {NID_authority_key_identifier, "keyid:always"}};
const Extension field_extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                                      {NID_key_usage, "critical,keyEncipherment"},
                                      {NID_subject_key_identifier, "hash"}};
const Extension person_extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                                       {NID_key_usage, "critical,nonRepudiation"},
                                       {NID_certificate_policies, "2.999.1"},
                                       {NID_subject_key_identifier, "hash"},
                                       {NID_authority_key_identifier, "keyid:always"}};

const Profile root_profile{20 * 365, root_extensions};
const Profile issuing_profile{15 * 365, issuing_extensions};
const Profile server_profile{10 * 365, server_extensions};
const Profile field_profile{3 * 365, field_extensions};
const Profile person_profile{5 * 365, person_extensions};

// ---- making ----

Name test_name(const char* common_name) {
  return {{"C", "PT"}, {"O", organisation}, {"CN", common_name}};
}

Identity make(Key key, const Name& name, const Profile& profile, const Identity* issuer = nullptr) {
  X509Ptr certificate = certify(to_name(name).get(), key.get(), profile, issuer);
  return {std::move(key), std::move(certificate)};
}

void save(const Identity& identity, const fs::path& key, const fs::path& certificate) {
  write_file(key, to_pem(identity.key.get()).view());
  write_file(certificate, to_pem(identity.certificate.get()));
}

/// CMD's subject: the last word is the surname, the serial number that of the identity card.
Name person_name(const std::string& name) {
  Name subject{{"C", "PT"},
               {"O", organisation},
               {"OU", "Assinatura Qualificada do Cidadão"},
               {"OU", "Cidadão"},
               {"OU", "RemoteQSCDManagement"}};
  const std::size_t blank = name.rfind(' ');
  if (blank != std::string::npos) subject.emplace_back("SN", name.substr(blank + 1));
  subject.emplace_back("GN", name.substr(0, blank));
  subject.emplace_back("serialNumber", "BI" + std::string(random_digits(8).view()));
  subject.emplace_back("CN", name);
  return subject;
}

std::string with_crlf(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

}  // namespace

void Authority::found() {
  for (const char* directory : {layout::authority, "tls", layout::field_keys, layout::client}) {
    fs::create_directory(directory);
  }
  const Identity root = make(new_rsa_key(authority_bits), test_name("SmartCMD (TEST) Root CA"), root_profile);
  const Identity issuing = make(new_rsa_key(authority_bits), test_name("SmartCMD (TEST) Qualified Signature CA 0001"),
                                issuing_profile, &root);
  const Identity server = make(new_p256_key(), test_name("localhost"), server_profile, &root);
  const Identity field = make(new_rsa_key(field_bits), test_name("SmartCMD (TEST) field encryption"), field_profile);
  save(root, in_authority(root_files.key), in_authority(root_files.certificate));
  save(issuing, in_authority(issuing_files.key), in_authority(issuing_files.certificate));
  save(server, layout::tls_key, layout::tls_certificate);
  save(field, fs::path(layout::field_keys) / "1-key.pem", fs::path(layout::field_keys) / "1.pem");
  write_file(layout::client_encryption, to_pem(field.certificate.get()));
  write_file(layout::client_authority, to_pem(root.certificate.get()));
}

Authority::Authority()
    : issuing_{read_key(in_authority(issuing_files.key)), read_certificate(in_authority(issuing_files.certificate))},
      above_(to_pem(read_certificate(in_authority(root_files.certificate)).get()) +
             to_pem(issuing_.certificate.get())) {}

std::string Authority::issue(const std::string& name, const RsaPublicKey& key) const {
  return to_pem(certify(to_name(person_name(name)).get(), to_key(key).get(), person_profile, &issuing_).get());
}

std::string Authority::renew(std::string_view certificate, const RsaPublicKey& key) const {
  const CertificateChain former = CertificateChain::from_pem(certificate);
  const X509_NAME* name = X509_get_subject_name(former.signer().x509());
  return to_pem(certify(name, to_key(key).get(), person_profile, &issuing_).get());
}

std::string Authority::chain(std::string_view certificate) const {
  return with_crlf(std::string(certificate) + above_);
}

}  // namespace smartcmd::service
