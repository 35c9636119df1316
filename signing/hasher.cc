// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/hasher.h"

#include <errno.h>
#include <glib.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <utility>

#include "base/c_ptr.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

void require(bool done) {
  if (!done) throw Error(Errc::internal, _("OpenSSL failed to hash. Check the OpenSSL installation."));
}

}  // namespace

void Hasher::Release::operator()(EVP_MD_CTX* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Hasher::Hasher(Hash hash) : hash_(hash), context_(EVP_MD_CTX_new()) {
  const ErrorQueueMark mark;
  const CPtr<EVP_MD, EVP_MD_free> md(EVP_MD_fetch(crypto_context(), info(hash).name, nullptr));
  if (!md) {
    throw Error(Errc::hash_not_allowed, filled(_("This OpenSSL offers no {hash}."), {{"hash", info(hash).name}}));
  }
  require(context_ && EVP_DigestInit_ex2(context_.get(), md.get(), nullptr) == 1);
}

Hasher::Hasher(const Hasher& other) : hash_(other.hash_), context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
}

Hasher& Hasher::operator=(const Hasher& other) {
  Hasher copy(other);
  return *this = std::move(copy);
}

void Hasher::update(ByteView data) {
  require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
}

Digest Hasher::digest() const {
  const Hasher end(*this);  // EVP_DigestFinal_ex closes a context
  Digest digest{hash_, Bytes(info(hash_).size)};
  require(EVP_DigestFinal_ex(end.context_.get(), digest.value.data(), nullptr) == 1);
  return digest;
}

Bytes sha256(ByteView data) {
  const CPtr<GChecksum, g_checksum_free> checksum(g_checksum_new(G_CHECKSUM_SHA256));
  g_checksum_update(checksum.get(), data.data(), static_cast<gssize>(data.size()));
  Bytes value(info(Hash::sha256).size);
  gsize size = value.size();
  g_checksum_get_digest(checksum.get(), value.data(), &size);
  return value;
}

void random_bytes(std::span<unsigned char> out) {
  while (!out.empty()) {
    const ssize_t count = getrandom(out.data(), out.size(), 0);
    if (count < 0 && errno != EINTR) throw Error(Errc::internal, _("The system gives no random numbers."));
    if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace smartcmd
