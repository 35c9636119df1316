// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/c_ptr.h"
#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

constexpr const char* begin_line = "-----BEGIN CERTIFICATE-----";

std::vector<std::string> certificates;  // PEM: signer, root, authority, as the service sends them

int make_certificates(void**) {
  const TemporaryDirectory directory;
  make_identity(directory.path());
  std::ostringstream text;
  text << std::ifstream(directory.path() / "chain.pem").rdbuf();
  const std::string pem = text.str();
  for (auto at = pem.find(begin_line); at != std::string::npos;) {
    const auto next = pem.find(begin_line, at + 1);
    certificates.push_back(pem.substr(at, next - at));
    at = next;
  }
  return certificates.size() == 3 ? 0 : -1;
}

void expect_chain(const CertificateChain& chain) {
  assert_string_equal(chain.signer().common_name().c_str(), "JOANA TESTE");
  assert_int_equal(chain.authorities().size(), 2);
  assert_string_equal(chain.authorities()[0].common_name().c_str(), "SmartCMD Test Authority");
  assert_string_equal(chain.authorities()[1].common_name().c_str(), "SmartCMD Test Root");
  assert_true(chain.authorities()[1].is_self_issued());
}

void the_order_says_nothing(void**) {
  std::vector<std::string> order = certificates;
  std::sort(order.begin(), order.end());
  do {
    expect_chain(CertificateChain::from_pem(order[0] + order[1] + order[2]));
  } while (std::next_permutation(order.begin(), order.end()));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

void lines_may_end_in_any_way(void**) {
  const std::string pem = certificates[0] + certificates[1] + certificates[2];
  expect_chain(CertificateChain::from_pem(replaced(pem, "\n", "\r\n")));
  expect_chain(CertificateChain::from_pem(pem.substr(0, pem.size() - 1)));
  expect_chain(CertificateChain::from_pem(replaced(pem, "-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----")));
  expect_chain(
      CertificateChain::from_pem("Bag Attributes\n" + replaced(pem, begin_line, std::string("\n") + begin_line)));
}

void a_certificate_given_twice_counts_once(void**) {
  expect_chain(CertificateChain::from_pem(certificates[0] + certificates[0] + certificates[1] + certificates[2]));
}

void a_chain_may_be_short(void**) {
  const CertificateChain alone = CertificateChain::from_pem(certificates[0]);
  assert_string_equal(alone.signer().common_name().c_str(), "JOANA TESTE");
  assert_int_equal(alone.authorities().size(), 0);
}

void a_chain_is_written_in_its_order(void**) {
  const CertificateChain chain = CertificateChain::from_pem(certificates[1] + certificates[2] + certificates[0]);
  assert_string_equal(chain.to_pem().c_str(), (certificates[0] + certificates[2] + certificates[1]).c_str());
}

void what_is_no_chain_is_refused(void**) {
  const TemporaryDirectory directory;
  make_identity(directory.path());
  std::ostringstream stranger;
  stranger << std::ifstream(directory.path() / "chain.pem").rdbuf();
  const std::string broken = replaced(certificates[0], "A", "*");
  for (const std::string& pem : {std::string(), std::string("nothing"), broken, certificates[0] + stranger.str()}) {
    expect_error(Errc::answer_malformed, [&pem] { CertificateChain::from_pem(pem); });
  }
}

void a_certificate_answers_in_der(void**) {
  const CertificateChain chain = CertificateChain::from_pem(certificates[0] + certificates[2]);
  const Certificate& signer = chain.signer();
  assert_true(Certificate::from_der(signer.der()) == signer);
  assert_true(signer.issuer() == chain.authorities()[0].subject());
  assert_true(signer.subject() != signer.issuer());
  assert_true((signer.serial_number() == Bytes{0x02, 0x01, 0x03}));
  assert_int_equal(signer.modulus().size(), 256);
  assert_int_equal(signer.signature_size(), 256);
  assert_true((signer.public_exponent() == Bytes{1, 0, 1}));
  assert_int_equal(signer.public_key_info()[0], 0x30);
  assert_int_equal(signer.fingerprint().size(), 32);
  Bytes longer = signer.der();
  longer.push_back(0);
  expect_error(Errc::answer_malformed, [&] { Certificate::from_der(longer); });
  expect_error(Errc::answer_malformed, [] { Certificate::from_der({}); });
}

// The signer's certificate with `from` in it replaced.
Certificate changed(const Bytes& from, const Bytes& to) {
  Bytes der = CertificateChain::from_pem(certificates[0]).signer().der();
  const auto at = std::search(der.begin(), der.end(), from.begin(), from.end());
  assert_true(at != der.end());
  std::copy(to.begin(), to.end(), at);
  return Certificate::from_der(der);
}

void only_rsa_keys_are_taken(void**) {
  const Bytes rsa_encryption = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
  const Bytes rsassa_pss = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x05, 0x00};
  const Bytes modulus = {0x30, 0x82, 0x01, 0x0a, 0x02, 0x82}, text = {0x30, 0x82, 0x01, 0x0a, 0x0c, 0x82};
  const Bytes no_sequence = {0x31, 0x82, 0x01, 0x0a, 0x02, 0x82};
  const Bytes positive = {0x02, 0x82, 0x01, 0x01, 0x00}, negative = {0x02, 0x82, 0x01, 0x01, 0x80};
  for (const Certificate& certificate : {changed(rsa_encryption, rsassa_pss), changed(modulus, text),
                                         changed(modulus, no_sequence), changed(positive, negative)}) {
    expect_error(Errc::answer_malformed, [&] { certificate.modulus(); });
  }
}

// ---- certificates that no authority would issue ---------------------------------------------------------------------

Bytes der(unsigned char tag, const Bytes& content) {
  const auto octet = [&content](unsigned shift) { return static_cast<unsigned char>(content.size() >> shift); };
  Bytes all = {tag, 0x83, octet(16), octet(8), octet(0)};
  all.insert(all.end(), content.begin(), content.end());
  return all;
}

/// The signer's certificate with another subject, issuer or key; its signature is of no account here.
class Forgery {
 public:
  Forgery() : x509_(X509_dup(CertificateChain::from_pem(certificates[0]).signer().x509())) {}

  Forgery& key(const Bytes& modulus, const Bytes& exponent) {
    Bytes numbers = der(0x02, modulus);
    const Bytes second = der(0x02, exponent);
    numbers.insert(numbers.end(), second.begin(), second.end());
    const Bytes sequence = der(0x30, numbers);
    auto* owned = static_cast<unsigned char*>(OPENSSL_memdup(sequence.data(), sequence.size()));
    assert_int_equal(X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x509_.get()), OBJ_nid2obj(NID_rsaEncryption),
                                            V_ASN1_NULL, nullptr, owned, static_cast<int>(sequence.size())),
                     1);
    return *this;
  }
  Forgery& names(const std::string& subject, const std::string& issuer) {
    X509_set_subject_name(x509_.get(), name(subject).get());
    X509_set_issuer_name(x509_.get(), name(issuer).get());
    return *this;
  }
  std::string pem() const {
    assert_true(i2d_re_X509_tbs(x509_.get(), nullptr) > 0);
    const CPtr<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    assert_int_equal(PEM_write_bio_X509(bio.get(), x509_.get()), 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

 private:
  static CPtr<X509_NAME, X509_NAME_free> name(const std::string& common_name) {
    CPtr<X509_NAME, X509_NAME_free> made(X509_NAME_new());
    const auto* octets = reinterpret_cast<const unsigned char*>(common_name.c_str());
    X509_NAME_add_entry_by_txt(made.get(), "CN", MBSTRING_UTF8, octets, -1, -1, 0);
    return made;
  }
  CPtr<X509, X509_free> x509_;
};

void a_key_that_cannot_be_used_is_refused(void**) {
  const Bytes good(256, 0x7f), exponent = {1, 0, 1};
  assert_true(CertificateChain::from_pem(Forgery().key(good, exponent).pem()).signer().modulus() == good);
  const Bytes zero = {0}, endless_modulus(2049, 0x7f), endless_exponent(33, 0x7f), negative = {0x80};
  for (const auto& [n, e] : {std::pair(zero, exponent), std::pair(good, zero), std::pair(endless_modulus, exponent),
                             std::pair(good, endless_exponent), std::pair(good, negative)}) {
    expect_error(Errc::answer_malformed, [n = n, e = e] { CertificateChain::from_pem(Forgery().key(n, e).pem()); });
  }
}

void authorities_may_have_certified_each_other(void**) {
  const std::string signer = Forgery().names("signer", "a").pem(), a = Forgery().names("a", "b").pem(),
                    b = Forgery().names("b", "a").pem(), c = Forgery().names("c", "b").pem();
  const CertificateChain chain = CertificateChain::from_pem(signer + a + b + Forgery().names("b", "c").pem() + c);
  assert_string_equal(chain.signer().common_name().c_str(), "signer");
  for (const Certificate& one : chain.all())
    assert_int_equal(std::count(chain.all().begin(), chain.all().end(), one), 1);
}

void the_key_decides_between_authorities_of_one_name(void**) {
  TestCertificate::Options options;
  options.name = "authority";
  options.authority = true;
  const TestCertificate right = TestCertificate::make(options), wrong = TestCertificate::make(options);
  options.key_type = "RSA";
  options.name = "signer";
  options.authority = false;
  options.issuer = &right;
  const TestCertificate signer = TestCertificate::make(options);
  for (const std::string& pem : {signer.pem() + wrong.pem() + right.pem(), right.pem() + wrong.pem() + signer.pem()}) {
    const CertificateChain chain = CertificateChain::from_pem(pem).verified();
    assert_string_equal(chain.to_pem().c_str(), (signer.pem() + right.pem()).c_str());
    assert_true(chain.signer().is_signed_by(chain.authorities()[0]));
  }
  const CertificateChain by_name = CertificateChain::from_pem(signer.pem() + wrong.pem());
  assert_int_equal(by_name.authorities().size(), 1);  // which reading alone does not tell
  assert_false(by_name.signer().is_signed_by(by_name.authorities()[0]));
  assert_string_equal(by_name.verified().to_pem().c_str(), signer.pem().c_str());
}

void a_verified_chain_is_whole(void**) {
  const CertificateChain chain = CertificateChain::from_pem(certificates[0] + certificates[1] + certificates[2]);
  assert_true(chain.verified() == chain);
}

void a_chain_has_an_end(void**) {
  std::string pem;
  for (int i = 0; i < 32; ++i) pem += Forgery().names(std::to_string(i), std::to_string(i + 1)).pem();
  const CertificateChain longest = CertificateChain::from_pem(pem);
  assert_int_equal(longest.all().size(), 32);
  pem += Forgery().names("32", "33").pem();
  expect_error(Errc::answer_malformed, [&] { CertificateChain::from_pem(pem); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_order_says_nothing),
      cmocka_unit_test(lines_may_end_in_any_way),
      cmocka_unit_test(a_certificate_given_twice_counts_once),
      cmocka_unit_test(a_chain_may_be_short),
      cmocka_unit_test(a_chain_is_written_in_its_order),
      cmocka_unit_test(what_is_no_chain_is_refused),
      cmocka_unit_test(a_certificate_answers_in_der),
      cmocka_unit_test(only_rsa_keys_are_taken),
      cmocka_unit_test(a_key_that_cannot_be_used_is_refused),
      cmocka_unit_test(authorities_may_have_certified_each_other),
      cmocka_unit_test(the_key_decides_between_authorities_of_one_name),
      cmocka_unit_test(a_verified_chain_is_whole),
      cmocka_unit_test(a_chain_has_an_end),
  };
  return cmocka_run_group_tests(tests, make_certificates, nullptr);
}
