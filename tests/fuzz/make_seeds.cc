// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// make-seeds IDENTITY DIRECTORY: inputs that have to be signed or are no text, a directory for each target.

#include <openssl/pem.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/c_ptr.h"
#include "base/file_descriptor.h"
#include "documents/cms_signature.h"
#include "signing/agent_protocol.h"
#include "signing/hasher.h"
#include "signing/uri.h"
#include "tests/support/stamping_authority.h"

namespace smartcmd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view text = "text";  // as the targets have it

/// The identity that tests have (tests/support/identity.h).
class Identity {
 public:
  explicit Identity(const fs::path& directory)
      : pem(content(directory / "chain.pem")), chain(CertificateChain::from_pem(pem)) {
    const CPtr<BIO, BIO_free_all> bio(BIO_new_file((directory / "key.pem").c_str(), "r"));
    key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    require_openssl(key_ != nullptr);
  }

  /// RSASSA-PKCS1-v1_5
  Bytes sign(const Digest& digest) const {
    const Bytes encoded = to_digest_info(digest);
    const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    Bytes signature(chain.signer().signature_size());
    std::size_t size = signature.size();
    require_openssl(EVP_PKEY_sign_init(context.get()) == 1 &&
                    EVP_PKEY_sign(context.get(), signature.data(), &size, encoded.data(), encoded.size()) == 1);
    return signature;
  }

  const std::string pem;
  const CertificateChain chain;

 private:
  static std::string content(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  CPtr<EVP_PKEY, EVP_PKEY_free> key_;
};

class Seeds {
 public:
  explicit Seeds(fs::path directory) : directory_(std::move(directory)) {}

  void add(const char* target, const char* name, ByteView octets) const {
    fs::create_directories(directory_ / target);
    std::ofstream file(directory_ / target / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
    if (!file.flush()) throw std::runtime_error(std::string("cannot write ") + name);
  }
  void add(const char* target, const char* name, const std::string& octets) const {
    add(target, name, bytes_of(octets));
  }

 private:
  fs::path directory_;
};

std::string to_pem(const char* label, ByteView octets) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require_openssl(PEM_write_bio(bio.get(), label, "", octets.data(), static_cast<long>(octets.size())) > 0);
  char* pem = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &pem);
  return {pem, static_cast<std::size_t>(size)};
}

// ---- the agent ------------------------------------------------------------------------------------------------------

/// What `message` is on the socket.
template <class Message>
Bytes octets_of(void (*send)(int, const Message&), const Message& message) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) throw std::runtime_error("socketpair");
  FileDescriptor near(ends[0]);
  const FileDescriptor far(ends[1]);
  send(near.get(), message);
  near.close();
  Bytes octets(max_frame);
  octets.resize(static_cast<std::size_t>(recv(far.get(), octets.data(), octets.size(), MSG_WAITALL)));
  return octets;
}

void add_frames(const Seeds& seeds, const Identity& identity) {
  AgentRequest request{};
  request.verb = AgentRequest::Verb::sign;
  request.config_file = "/etc/smartcmd.conf";
  request.account = "joana";
  request.program = "openssl";
  for (const HashInfo& hash : all_hashes()) request.documents.push_back({hash.name, {hash.hash, Bytes(hash.size)}});
  request.pin = SecureString("1234");
  seeds.add("agent_frames", "sign", octets_of(send_request, request));
  AgentRequest version{};
  version.verb = AgentRequest::Verb::tell_version;
  seeds.add("agent_frames", "tell-version", octets_of(send_request, version));
  seeds.add("agent_frames", "chain", octets_of(send_reply, AgentReply(identity.pem)));
  const std::vector<Signature> signatures(2, {identity.sign({Hash::sha256, Bytes(32)}), "process"});
  seeds.add("agent_frames", "signatures", octets_of(send_reply, AgentReply(signatures)));
  seeds.add("agent_frames", "error", octets_of(send_reply, AgentReply(Error(Errc::wrong_otp, "Wrong.", "802"))));
}

// ---- PEM ------------------------------------------------------------------------------------------------------------

void add_certificates(const Seeds& seeds, const Identity& identity) {
  seeds.add("certificates", "chain", identity.pem);
  seeds.add("certificates", "signer", to_pem("CERTIFICATE", identity.chain.signer().der()));
  std::string glued = identity.pem;
  std::erase(glued, '\n');
  seeds.add("certificates", "without-line-ends", glued);
}

void add_key_file(const Seeds& seeds) {
  const std::string uri = "cmd:account=joana;type=private";
  const std::string der = std::string("\x0c") + static_cast<char>(uri.size()) + uri;  // UTF8String
  seeds.add("key_file", "pem",
            "-----BEGIN OTHER-----\nAAAA\n-----END OTHER-----\n" + to_pem(key_file_label, bytes_of(der)));
  seeds.add("key_file", "der", der);
}

// ---- signatures -----------------------------------------------------------------------------------------------------

CmsSignature signature(const Identity& identity, const SignatureProperties& properties) {
  CmsSignature cms(identity.chain, {Hash::sha256, sha256(bytes_of(text))}, properties);
  cms.set_value(identity.sign(cms.digest()));
  return cms;
}

void add_signatures(const Seeds& seeds, const Identity& identity) {
  constexpr std::time_t time = 1'800'000'000;
  CmsSignature cms = signature(identity, {time, false, nullptr});
  seeds.add("cms", "detached", cms.der());
  seeds.add("cms", "cut-off", ByteView(cms.der()).first(100));
  cms.embed(bytes_of(text));
  seeds.add("cms", "attached", cms.der());
  seeds.add("cms", "attached-pem", to_pem("CMS", cms.der()));
  CmsSignature full = signature(identity, {time, true, &all_commitments().front()});
  const StampingAuthority authority;
  full.set_timestamp(authority.stamp(full.value()));
  seeds.add("cms", "timestamped", full.der());
  seeds.add("timestamp", "token", authority.stamp(bytes_of(text)));
  seeds.add("timestamp", "of-another-text", authority.stamp(bytes_of("another")));
}

void make_seeds(const fs::path& identity_directory, const fs::path& directory) {
  const Identity identity(identity_directory);
  const Seeds seeds(directory);
  add_frames(seeds, identity);
  add_certificates(seeds, identity);
  add_key_file(seeds);
  add_signatures(seeds, identity);
  seeds.add("support", "long-number", "[service cmd]\nhashes=" + std::string(200'000, '1') + "\n");
  for (const HashInfo& hash : all_hashes())
    seeds.add("digest_info", hash.name, to_digest_info({hash.hash, Bytes(hash.size)}));
}

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make-seeds IDENTITY DIRECTORY\n";
    return 2;
  }
  try {
    smartcmd::make_seeds(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "make-seeds: " << error.what() << "\n";
    return 1;
  }
}
