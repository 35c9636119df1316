// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/digest.h"

#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/c_ptr.h"
#include "signing/hasher.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

// What OpenSSL's own encoder makes of the algorithm and the digest.
Bytes encoded_by_openssl(const HashInfo& hash, const Bytes& digest) {
  const CPtr<X509_SIG, X509_SIG_free> info(X509_SIG_new());
  X509_ALGOR* algorithm = nullptr;
  ASN1_OCTET_STRING* value = nullptr;
  X509_SIG_getm(info.get(), &algorithm, &value);
  X509_ALGOR_set0(algorithm, OBJ_txt2obj(hash.oid, 1), V_ASN1_NULL, nullptr);
  ASN1_OCTET_STRING_set(value, digest.data(), static_cast<int>(digest.size()));
  Bytes der(static_cast<std::size_t>(i2d_X509_SIG(info.get(), nullptr)));
  unsigned char* end = der.data();
  i2d_X509_SIG(info.get(), &end);
  return der;
}

void every_digest_info_is_the_der_of_its_hash(void**) {
  assert_int_equal(all_hashes().size(), 7);
  assert_true(HashSet::sha2().preferred() == Hash::sha256);
  for (const HashInfo& hash : all_hashes()) {
    HashSet one;
    one.add(hash.hash);
    assert_true(one.preferred() == hash.hash);
    one.add(Hash::sha384);
    assert_true(one.preferred() == (hash.hash == Hash::sha256 ? Hash::sha256 : Hash::sha384));
  }
  for (const HashInfo& hash : all_hashes()) {
    const Digest digest{hash.hash, Bytes(hash.size, 0xa5)};
    const Bytes der = to_digest_info(digest);
    assert_true(der == encoded_by_openssl(hash, digest.value));
    assert_true(from_digest_info(der) == digest);
  }
}

void a_digest_info_is_read_strictly(void**) {
  const Bytes whole = to_digest_info({Hash::sha256, Bytes(32, 1)});
  Bytes longer = whole;
  longer.push_back(0);
  Bytes other_oid = whole;
  other_oid[14] ^= 0x08;
  const Bytes bare(32, 1);
  for (const Bytes& wrong : {Bytes(), Bytes(whole.begin(), whole.end() - 1), longer, other_oid, bare}) {
    assert_false(from_digest_info(wrong).has_value());
  }
}

void a_digest_of_the_wrong_size_is_refused(void**) {
  expect_error(Errc::invalid_argument, [] { to_digest_info({Hash::sha256, Bytes(20)}); });
}

void a_hash_has_many_names(void**) {
  for (const char* name : {"SHA256", "sha256", "SHA-256", "SHA2-256", "sha2-256"}) {
    assert_non_null(find_hash(name));
    assert_true(find_hash(name)->hash == Hash::sha256);
  }
  assert_true(find_hash("RIPEMD-160")->hash == Hash::ripemd160);
  assert_true(find_hash("2.16.840.1.101.3.4.2.2")->hash == Hash::sha384);
  assert_true(find_hash("SHA2-224")->hash == Hash::sha224);
  for (const char* name : {"", "SHA", "SHA2", "SHA3-256", "SHA512-256"}) assert_null(find_hash(name));
}

void only_sha2_is_allowed_without_configuration(void**) {
  for (const HashInfo& hash : all_hashes()) {
    const bool strong = hash.hash == Hash::sha256 || hash.hash == Hash::sha384 || hash.hash == Hash::sha512;
    assert_int_equal(HashSet::sha2().has(hash.hash), strong);
  }
  require_allowed(HashSet::sha2(), Hash::sha384);
  expect_error(Errc::hash_not_allowed, [] { require_allowed(HashSet::sha2(), Hash::sha1); });
}

void a_hasher_hashes_piece_by_piece(void**) {
  Hasher hasher(Hash::sha256);
  hasher.update(bytes_of("a"));
  Hasher branch(hasher);
  hasher.update(bytes_of("bc"));
  // FIPS 180-2, appendix B.1
  assert_string_equal(to_hex(hasher.digest().value).c_str(),
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_true(hasher.digest() == hasher.digest());
  branch.update(bytes_of("bc"));
  assert_true(branch.digest() == hasher.digest());
  assert_true(sha256(bytes_of("abc")) == hasher.digest().value);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_digest_info_is_the_der_of_its_hash),   cmocka_unit_test(a_digest_info_is_read_strictly),
      cmocka_unit_test(a_digest_of_the_wrong_size_is_refused),      cmocka_unit_test(a_hash_has_many_names),
      cmocka_unit_test(only_sha2_is_allowed_without_configuration), cmocka_unit_test(a_hasher_hashes_piece_by_piece),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
