// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/cms_message.h"

#include <glib.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "documents/cms_attributes.h"
#include "documents/signed_attributes.h"

namespace smartcmd {
namespace {

// The labels under which OpenSSL and others write CMS in PEM.
std::optional<Bytes> from_pem(ByteView octets) {
  const ErrorQueueMark mark;
  std::optional<PemBlock> block = next_pem_block(reading_bio(octets));
  if (!block) return std::nullopt;
  return std::move(block->content);
}

bool has_strong_hash(CMS_SignerInfo* signer) {
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &algorithm, nullptr);
  return is_strong_hash(algorithm);
}

// 112 bits, as for hashes; of RSA that is 2048.
bool has_strong_key(X509* certificate) {
  constexpr int least = 112;
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  return key != nullptr && EVP_PKEY_get_security_bits(key) >= least;
}

std::string other_content() {
  return _("The content is not what was signed: it was changed, or the signature belongs to something else.");
}

std::string fault_of(CMS_SignerInfo* signer, X509* certificate, const std::string& content_type, BIO* digests) {
  const ErrorQueueMark mark;
  if (certificate == nullptr) return _("The signer's certificate is not in the signature.");
  // Without them the same value would also be good for a file that holds another signature's attributes.
  if (CMS_signed_get_attr_count(signer) < 0) {
    return _(
        "The signature has no signed attributes, as one of a document (CAdES) must have: what was signed may have "
        "been something else.");
  }
  if (!has_strong_hash(signer)) {
    return _("The signature was made with a hash that is broken, so the content may be another than what was signed.");
  }
  if (!has_strong_key(certificate)) {
    return _(
        "The key of the signer's certificate is too short to be safe, so somebody else may have computed it and "
        "signed.");
  }
  if (std::string fault = fault_of_attributes(signer, content_type, certificate); !fault.empty()) return fault;
  if (CMS_SignerInfo_verify_content(signer, digests) <= 0) return other_content();
  if (CMS_SignerInfo_verify(signer) <= 0) {
    return _("The signature was not made with the key of the signer's certificate.");
  }
  return {};
}

std::optional<std::time_t> signing_time(const CMS_SignerInfo* signer) {
  const int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
  const ASN1_TYPE* value = at < 0 ? nullptr : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0);
  if (value == nullptr || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)) return std::nullopt;
  return to_time(value->value.asn1_string);
}

// For a reason that is the message's own: a digest that is not known.
[[noreturn]] void refuse_unreadable() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw Error(Errc::invalid_argument,
              filled(_("The file cannot be read: {reason}."), {{"reason", reason != nullptr ? reason : "?"}}));
}

// Hands each piece to `use`.
template <class Use>
void read_to_the_end(BIO* bio, Use&& use) {
  std::array<unsigned char, 1U << 16> piece;
  int count = 0;
  while ((count = BIO_read(bio, piece.data(), piece.size())) > 0)
    use(ByteView(piece.data(), static_cast<std::size_t>(count)));
  if (count < 0) throw Error(Errc::invalid_argument, _("What was signed cannot be read to its end."));
}

bool same_octets(BIO* bio, ByteView expected) {
  bool same = true;
  read_to_the_end(bio, [&](ByteView piece) {
    same = same && piece.size() <= expected.size() && std::equal(piece.begin(), piece.end(), expected.begin());
    if (same) expected = expected.subspan(piece.size());
  });
  return same && expected.empty();
}

}  // namespace

std::optional<CmsMessage> CmsMessage::from(ByteView octets) {
  Cms cms = read_cms(octets);
  if (!cms) {
    if (const auto der = from_pem(octets)) cms = read_cms(*der);
  }
  if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return std::nullopt;
  return CmsMessage(std::move(cms));
}

bool CmsMessage::is_detached() const {
  return CMS_is_detached(cms_.get()) == 1;
}

ByteView CmsMessage::content() const {
  ASN1_OCTET_STRING** content = CMS_get0_content(cms_.get());
  return content != nullptr && *content != nullptr ? octets_of(*content) : ByteView();
}

std::string CmsMessage::content_type() const {
  return to_oid(CMS_get0_eContentType(cms_.get()));
}

std::vector<Certificate> CmsMessage::certificates() const {
  const Certificates inside(CMS_get1_certs(cms_.get()));
  std::vector<Certificate> all;
  for (int i = 0; i < sk_X509_num(inside.get()); ++i) all.push_back(to_certificate(sk_X509_value(inside.get(), i)));
  return all;
}

std::vector<CmsSigner> CmsMessage::check(BIO* content, const char* type) {
  const ErrorQueueMark mark;
  // Certificates alone travel in the same form, and OpenSSL would say of it only that it has no content.
  if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms_.get())) <= 0) return {};
  CMS_set1_signers_certs(cms_.get(), nullptr, 0);
  BIO* digests = CMS_dataInit(cms_.get(), content);
  if (digests == nullptr) refuse_unreadable();
  // The chain of filters is ours, its end is the caller's or made for what is inside.
  const auto pop = [content](BIO* chain) {
    while (chain != nullptr && chain != content) {
      BIO* next = BIO_pop(chain);
      BIO_free(chain);
      chain = next;
    }
  };
  const std::unique_ptr<BIO, decltype(pop)> owner(digests, pop);
  read_to_the_end(digests, [](ByteView) {});

  std::vector<CmsSigner> signers;
  STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms_.get());
  for (int i = 0; i < sk_CMS_SignerInfo_num(infos); ++i) {
    CMS_SignerInfo* one = sk_CMS_SignerInfo_value(infos, i);
    X509* certificate = nullptr;
    CMS_SignerInfo_get0_algs(one, nullptr, &certificate, nullptr, nullptr);
    const ByteView value = octets_of(CMS_SignerInfo_get0_signature(one));
    CmsSigner signer;
    signer.fault = content_type() == type ? fault_of(one, certificate, type, digests)
                                          : filled(_("What was signed is no document: it is of the type {type}."),
                                                   {{"type", content_type()}});
    if (certificate != nullptr) signer.certificate = to_certificate(certificate);
    signer.signing_time = signing_time(one);
    signer.names_certificate = names_certificate(one);
    signer.policy = policy_of(one);
    signer.commitments = commitments_of(one);
    signer.value.assign(value.begin(), value.end());
    signer.timestamp = timestamp_of(one);
    signers.push_back(std::move(signer));
  }
  return signers;
}

std::vector<CmsSigner> CmsMessage::check(const std::filesystem::path& content) {
  const Bio bio(BIO_new_file(content.c_str(), "rb"));
  if (!bio) {
    throw Error(Errc::invalid_argument, filled(_("{file} cannot be read: {reason}."),
                                               {{"file", content.native()}, {"reason", g_strerror(errno)}}));
  }
  if (is_detached()) return check(bio.get());
  std::vector<CmsSigner> signers = check();
  if (!same_octets(bio.get(), this->content())) {
    for (CmsSigner& signer : signers) signer.fault = other_content();
  }
  return signers;
}

bool is_signature_name(const std::filesystem::path& file) {
  return file.extension() == ".p7s" || file.extension() == ".p7m";
}

}  // namespace smartcmd
