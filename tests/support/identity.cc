// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/c_ptr.h"

namespace smartcmd {

namespace {

namespace fs = std::filesystem;

using Key = CPtr<EVP_PKEY, EVP_PKEY_free>;
using Cert = CPtr<X509, X509_free>;
using File = CPtr<FILE, fclose>;

struct Role {
  const char* name;
  const char* constraints;
  const char* usage;
};

constexpr Role root_role{"SmartCMD Test Root", "critical,CA:TRUE", "critical,keyCertSign,cRLSign"};
constexpr Role authority_role{"SmartCMD Test Authority", "critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign"};
constexpr Role signer_role{"JOANA TESTE", "critical,CA:FALSE", "critical,nonRepudiation"};

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void add_extension(X509* certificate, X509V3_CTX* context, int nid, const char* value) {
  const CPtr<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

void set_name(X509_NAME* name, const char* common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name);
  const auto* country = reinterpret_cast<const unsigned char*>("PT");
  X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, country, -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
}

// Issued by itself when there is no issuer.
Cert issue(const Role& role, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, long serial) {
  constexpr long day = 24 * 60 * 60;
  Cert certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3650 * day);
  set_name(X509_get_subject_name(certificate.get()), role.name);
  if (issuer == nullptr) issuer = certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  X509_set_pubkey(certificate.get(), key);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate.get(), nullptr, nullptr, 0);
  add_extension(certificate.get(), &context, NID_basic_constraints, role.constraints);
  add_extension(certificate.get(), &context, NID_key_usage, role.usage);
  add_extension(certificate.get(), &context, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate.get(), issuer_key, EVP_sha256()) > 0, "X509_sign");
  return certificate;
}

Key new_key() {
  Key key(EVP_RSA_gen(2048));
  require(key != nullptr, "EVP_RSA_gen");
  return key;
}

constexpr const char* configuration =
    "[service fake]\n"
    "endpoint=https://127.0.0.1/\n"
    "application-id=00000000-0000-0000-0000-000000000000\n"
    "username=test\n"
    "password-file=password\n"
    "encryption-certificate=encryption.pem\n"
    "[account joana]\n"
    "service=fake\n"
    "user-id=+351 910000000\n"
    "label=Joana Teste\n";

}  // namespace

void make_identity(const fs::path& directory) {
  const Key root_key = new_key(), authority_key = new_key();
  const Cert root = issue(root_role, root_key.get(), nullptr, root_key.get(), 1);
  const Cert authority = issue(authority_role, authority_key.get(), root.get(), root_key.get(), 2);
  long serial = 3;
  for (const std::string prefix : {"", "renewed-"}) {
    const Key signer_key = new_key();
    const Cert signer = issue(signer_role, signer_key.get(), authority.get(), authority_key.get(), serial++);
    const File key(fopen((directory / (prefix + "key.pem")).c_str(), "we"));
    require(key && PEM_write_PrivateKey(key.get(), signer_key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "key");
    const File chain(fopen((directory / (prefix + "chain.pem")).c_str(), "we"));
    require(chain != nullptr, "chain");
    for (const Cert* one : {&signer, &root, &authority}) require(PEM_write_X509(chain.get(), one->get()) == 1, "chain");
  }
}

CertificateChain chain_in(const fs::path& file) {
  std::ostringstream pem;
  pem << std::ifstream(file).rdbuf();
  return CertificateChain::from_pem(pem.str());
}

TestHome::TestHome() {
  for (const char* name : {"key.pem", "chain.pem", "renewed-key.pem", "renewed-chain.pem"}) {
    fs::copy_file(fs::path(getenv("SMARTCMD_TEST_IDENTITY")) / name, file(name));
  }
  const std::string state = "[smartcmd]\nstate-directory=" + file("state").string() + "\n";
  setenv("SMARTCMD_CONFIG", directory_.write("smartcmd.conf", state + configuration).c_str(), 1);
  setenv("SMARTCMD_FAKE_KEY", file("key.pem").c_str(), 1);
  setenv("SMARTCMD_FAKE_CHAIN", file("chain.pem").c_str(), 1);
  setenv("SMARTCMD_FAKE_LOG", file("log").c_str(), 1);
  for (const char* unset : {"SMARTCMD_FAKE_FAULT", "SMARTCMD_ASKPASS"}) unsetenv(unset);
  setenv("SMARTCMD_PINENTRY", "none", 1);  // no test opens a window by accident
}

std::string TestHome::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(file(name)).rdbuf();
  return text.str();
}

void TestHome::set_askpass(const std::string& script) const {
  setenv("SMARTCMD_ASKPASS", directory_.write("askpass", "#!/bin/sh\n" + script + "\n", 0700).c_str(), 1);
}

void TestHome::set_pinentry(const std::string& script) const {
  setenv("SMARTCMD_PINENTRY", directory_.write("pinentry", "#!/bin/sh\n" + script + "\n", 0700).c_str(), 1);
}

}  // namespace smartcmd
