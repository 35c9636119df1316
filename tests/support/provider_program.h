// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/c_ptr.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {

// What tests of the provider share: a program that has it loaded, with an enrolled account and the fake agent. There is
// no terminal, so that OpenSSL's own prompts end at once.

using Key = CPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = CPtr<X509, X509_free>;
using Store = CPtr<OSSL_STORE_CTX, OSSL_STORE_close>;
using Info = CPtr<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
using KeyContext = CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = CPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using Memory = CPtr<BIO, BIO_free_all>;

extern std::optional<TestHome> home;
extern OSSL_PROVIDER* smartcmd_provider;

/// Who answers both questions.
extern const char* const agreeing;

/// Runs the tests twice, each time in a process of its own: with the default provider listed before ours, and after.
/// Each test starts with an agreeing person and ends with an empty error queue. The status of the program.
int run_in_both_orders(std::span<const CMUnitTest> tests);

/// How many one-time passwords the service has sent since the test began.
std::size_t signatures_asked();

/// Another one at each call: what was signed just now is remembered, so each test signs something of its own.
std::string new_text();

/// Fails when OpenSSL's queue holds an error.
void expect_no_error_left();

/// Fails unless OpenSSL's queue holds an error of ours that says `part`. Empties it.
void expect_our_error(Errc code, const std::string& part);

/// The store, or nullptr with the error in the queue.
Store open_store(const char* uri, int expected = 0);

Key load_key(const char* uri = "cmd:", int kind = OSSL_STORE_INFO_PKEY, const UI_METHOD* ui = nullptr,
             void* ui_data = nullptr);
X509Ptr load_certificate(const char* uri = "cmd:");

/// The signature, made as a stream, octet by octet; empty with the error in the queue.
Bytes digest_sign(EVP_PKEY* key, const std::string& text, const char* hash = "SHA256");

/// Whether our certificate verifies it, in the hands of whoever is responsible for its public key.
bool verifies(const Bytes& signature, const std::string& text, const char* hash = "SHA256");

}  // namespace smartcmd
