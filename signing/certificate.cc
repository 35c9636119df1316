// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/certificate.h"

#include <openssl/bn.h>

#include <algorithm>
#include <ctime>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/hasher.h"
#include "signing/x509.h"

namespace smartcmd {

namespace {

using BigNumber = CPtr<BIGNUM, BN_free>;

[[noreturn]] void not_certificates(const std::string& why) {
  throw Error(Errc::answer_malformed, why);
}

// RFC 8017 section A.1.1: the numbers of an RSAPublicKey in their order.
enum RsaNumber { modulus_number, exponent_number };

// In octets: of a modulus what OpenSSL takes, of an exponent FIPS 186-5 section A.1.1. Computing with longer ones would
// take minutes.
constexpr int longest_number[] = {2048, 32};

// Of an RSA key as strong as 112 bits (NIST SP 800-57 part 1, table 2).
constexpr int least_bits = 2048;

void free_numbers(ASN1_SEQUENCE_ANY* numbers) {
  sk_ASN1_TYPE_pop_free(numbers, ASN1_TYPE_free);
}

// Big-endian, no leading zero.
Bytes key_number(const X509* x509, RsaNumber which) {
  ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* der = nullptr;
  int length = 0;
  if (X509_PUBKEY_get0_param(&algorithm, &der, &length, nullptr, X509_get_X509_PUBKEY(x509)) != 1 ||
      OBJ_obj2nid(algorithm) != NID_rsaEncryption) {
    not_certificates(_("the certificate holds no RSA key; only RSA is supported"));
  }
  const ErrorQueueMark mark;
  const CPtr<ASN1_SEQUENCE_ANY, free_numbers> numbers(d2i_ASN1_SEQUENCE_ANY(nullptr, &der, length));
  const ASN1_TYPE* number = sk_ASN1_TYPE_value(numbers.get(), which);  // nothing when there is none
  const bool positive = number != nullptr && number->type == V_ASN1_INTEGER &&
                        ASN1_STRING_type(number->value.integer) == V_ASN1_INTEGER;  // else V_ASN1_NEG_INTEGER
  if (!positive || sk_ASN1_TYPE_num(numbers.get()) != 2) {
    not_certificates(_("the certificate's key is broken"));
  }
  const unsigned char* first = ASN1_STRING_get0_data(number->value.integer);
  const int size = ASN1_STRING_length(number->value.integer);
  if (*first == 0 || size > longest_number[which]) not_certificates(_("the certificate's key is broken"));
  return Bytes(first, first + size);
}

BigNumber to_number(ByteView bytes) {
  BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (!number) throw std::bad_alloc();
  return number;
}

// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2); nothing where the key is too short for it.
Bytes padded(const Bytes& digest_info, std::size_t size) {
  constexpr std::size_t least_padding = 11;
  if (size < digest_info.size() + least_padding) return {};
  Bytes block(size, 0xff);
  block[0] = 0x00;
  block[1] = 0x01;
  block[size - digest_info.size() - 1] = 0x00;
  std::copy(digest_info.begin(), digest_info.end(), block.end() - static_cast<std::ptrdiff_t>(digest_info.size()));
  return block;
}

// Services glue certificates together with or without line ends between them; PEM wants one at both ends of a marker.
std::string with_line_ends(std::string_view pem) {
  static constexpr std::string_view begin = "-----BEGIN ", end = "-----END CERTIFICATE-----";
  std::string text;
  while (!pem.empty()) {
    const bool at_begin = pem.starts_with(begin);
    const bool at_end = pem.starts_with(end);
    if ((at_begin || at_end) && !text.empty() && text.back() != '\n') text.push_back('\n');
    const std::size_t step = at_begin ? begin.size() : at_end ? end.size() : 1;
    text.append(pem.substr(0, step));
    pem.remove_prefix(step);
    if (at_end) text.push_back('\n');
  }
  return text;
}

[[noreturn]] void refuse_as_chain() {
  not_certificates(_("the certificates form no chain: it is not clear which one is the signer's"));
}

// Each is compared with all others, and no chain has so many.
constexpr std::size_t most_certificates = 32;

std::vector<Certificate> read_certificates(std::string_view pem) {
  const std::string text = with_line_ends(pem);
  const Bio bio = reading_bio(bytes_of(text));
  std::vector<Certificate> found;
  while (const std::optional<PemBlock> block = next_pem_block(bio)) {
    if (block->label != PEM_STRING_X509) continue;
    Certificate certificate = Certificate::from_der(block->content);
    if (std::find(found.begin(), found.end(), certificate) != found.end()) continue;
    if (found.size() == most_certificates) refuse_as_chain();
    found.push_back(std::move(certificate));
  }
  return found;
}

std::string day(const ASN1_TIME* time) {
  std::tm moment{};
  char text[sizeof "2030-12-31"];
  if (ASN1_TIME_to_tm(time, &moment) != 1 || std::strftime(text, sizeof text, "%F", &moment) == 0) return "?";
  return text;
}

bool issued(const Certificate& issuer, const Certificate& subject) {
  return X509_NAME_cmp(X509_get_subject_name(issuer.x509()), X509_get_issuer_name(subject.x509())) == 0;
}

// Who issued the last of a chain that is not complete yet; the end of `found` where nobody did, or only who is in the
// chain already: authorities may have certified each other.
std::vector<Certificate>::const_iterator issuer_of(const std::vector<Certificate>& chain,
                                                   const std::vector<Certificate>& found) {
  const auto may_have = [&chain](const Certificate& candidate) {
    return issued(candidate, chain.back()) && std::find(chain.begin(), chain.end(), candidate) == chain.end();
  };
  const auto first = std::find_if(found.begin(), found.end(), may_have);
  if (first == found.end() || std::none_of(std::next(first), found.end(), may_have)) return first;
  const auto who_signed = std::find_if(first, found.end(), [&](const Certificate& candidate) {
    return may_have(candidate) && chain.back().is_signed_by(candidate);
  });
  return who_signed != found.end() ? who_signed : first;
}

// In a context of ours: the key must not be handled by a host's provider.
X509Ptr parsed(ByteView der, OSSL_LIB_CTX* context) {
  const unsigned char* start = der.data();
  X509Ptr x509(X509_new_ex(context, nullptr));
  X509* target = x509.get();
  if (!x509 || d2i_X509(&target, &start, static_cast<long>(der.size())) == nullptr) {
    (void)x509.release();  // d2i_X509 has released it
    not_certificates(_("an X.509 certificate was expected"));
  }
  if (start != der.data() + der.size()) not_certificates(_("something follows the X.509 certificate"));
  return x509;
}

}  // namespace

Certificate Certificate::from_der(ByteView der) {
  const ErrorQueueMark mark;
  X509Ptr x509 = parsed(der, reading_context());
  return Certificate(
      std::shared_ptr<const X509>(x509.release(), [](const X509* x) { X509_free(const_cast<X509*>(x)); }));
}

Bytes Certificate::der() const {
  return to_der<const X509*>(i2d_X509, x509());
}

Bytes Certificate::subject() const {
  return to_der<const X509_NAME*>(i2d_X509_NAME, X509_get_subject_name(x509()));
}

Bytes Certificate::issuer() const {
  return to_der<const X509_NAME*>(i2d_X509_NAME, X509_get_issuer_name(x509()));
}

Bytes Certificate::serial_number() const {
  return to_der<const ASN1_INTEGER*>(i2d_ASN1_INTEGER, X509_get0_serialNumber(x509()));
}

Bytes Certificate::public_key_info() const {
  return to_der<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(x509()));
}

Bytes Certificate::modulus() const {
  return key_number(x509(), modulus_number);
}

Bytes Certificate::public_exponent() const {
  return key_number(x509(), exponent_number);
}

std::string Certificate::common_name() const {
  const X509_NAME* subject = X509_get_subject_name(x509());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) return {};
  const OpenSslMemory<unsigned char> owner(text);
  return std::string(text_of({text, static_cast<std::size_t>(length)}));
}

std::string Certificate::valid_from() const {
  return day(X509_get0_notBefore(x509()));
}

std::string Certificate::valid_until() const {
  return day(X509_get0_notAfter(x509()));
}

bool Certificate::is_self_issued() const {
  return issued(*this, *this);
}

bool Certificate::is_signed_by(const Certificate& issuer) const {
  const ErrorQueueMark mark;
  const X509Ptr above = parsed(issuer.der(), crypto_context());
  EVP_PKEY* key = X509_get0_pubkey(above.get());
  return key != nullptr && X509_verify(parsed(der(), crypto_context()).get(), key) == 1;
}

std::size_t Certificate::signature_size() const {
  return modulus().size();
}

// Encodes and compares, as RFC 8017 section 8.2.2 does. EVP_PKEY_verify would go to an ENGINE that the host has made
// the default for RSA, whatever the context.
bool Certificate::verify(const Digest& digest, ByteView signature) const {
  const ErrorQueueMark mark;
  const Bytes expected = padded(to_digest_info(digest), signature_size());
  if (expected.empty() || signature.size() != expected.size()) return false;
  const CPtr<BN_CTX, BN_CTX_free> context(BN_CTX_new_ex(crypto_context()));
  const BigNumber n = to_number(modulus()), e = to_number(public_exponent()), s = to_number(signature);
  const BigNumber message(BN_new());
  Bytes encoded(expected.size());
  return context && message && BN_cmp(s.get(), n.get()) < 0 &&
         BN_mod_exp(message.get(), s.get(), e.get(), n.get(), context.get()) == 1 &&
         BN_bn2binpad(message.get(), encoded.data(), static_cast<int>(encoded.size())) >= 0 && encoded == expected;
}

Bytes Certificate::fingerprint() const {
  return sha256(der());
}

CertificateChain CertificateChain::from_pem(std::string_view pem) {
  const ErrorQueueMark mark;
  const std::vector<Certificate> found = read_certificates(pem);
  if (found.empty()) not_certificates(_("no certificate was found where PEM certificates were expected"));

  const auto issued_no_other = [&found](const Certificate& candidate) {
    return std::none_of(found.begin(), found.end(), [&candidate](const Certificate& other) {
      return !(other == candidate) && issued(candidate, other);
    });
  };
  const auto signer = std::find_if(found.begin(), found.end(), issued_no_other);
  if (signer == found.end() || std::find_if(std::next(signer), found.end(), issued_no_other) != found.end()) {
    refuse_as_chain();
  }

  (void)signer->modulus();  // which throw unless the key is one for RSA
  (void)signer->public_exponent();

  CertificateChain chain;
  std::vector<Certificate>& all = chain.certificates_;
  all.push_back(*signer);
  while (!all.back().is_self_issued()) {
    const auto issuer = issuer_of(all, found);
    if (issuer == found.end()) break;
    all.push_back(*issuer);
  }
  return chain;
}

CertificateChain CertificateChain::verified() const {
  const int bits = BN_num_bits(to_number(signer().modulus()).get());
  if (bits < least_bits) {
    not_certificates(filled(
        _("The key of {name} has only {bits} bits. A key below {least} bits can be computed by others, so its "
          "signatures prove nothing. Ask the service for a certificate with a longer key."),
        {{"name", signer().common_name()}, {"bits", std::to_string(bits)}, {"least", std::to_string(least_bits)}}));
  }
  CertificateChain kept;
  kept.certificates_.push_back(signer());
  for (const Certificate& authority : authorities()) {
    if (!kept.certificates_.back().is_signed_by(authority)) break;
    kept.certificates_.push_back(authority);
  }
  return kept;
}

std::string CertificateChain::to_pem() const {
  const Bio bio = writing_bio();
  for (const Certificate& certificate : certificates_) PEM_write_bio_X509(bio.get(), certificate.x509());
  return std::string(written(bio));
}

}  // namespace smartcmd
