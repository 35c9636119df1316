// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/objects.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "signing/token.h"

namespace smartcmd::p11 {

namespace {

/// OASIS PKCS #11 Profiles v3.1, section 3: what a token of ours conforms to.
constexpr struct {
  CK_ULONG id;
  const char* name;
} profiles[] = {
    {CKP_BASELINE_PROVIDER, "Baseline Provider"},
    {CKP_EXTENDED_PROVIDER, "Extended Provider"},
    {CKP_AUTHENTICATION_TOKEN, "Authentication Token"},
    {CKP_PUBLIC_CERTIFICATES_TOKEN, "Public Certificates Token"},
};

std::vector<Source> sources(const CertificateChain& chain, const Account& account) {
  std::vector<Source> sources;
  UniqueLabels labels;
  const std::string label = labels.add(object_label(account));
  const Source signer{.object_class = CKO_CERTIFICATE,
                      .label = label,
                      .id = object_id(chain.signer()),
                      .certificate = chain.signer(),
                      .hashes = account.service.hashes};
  sources.push_back(signer);
  for (const Certificate& authority : chain.authorities()) {
    const std::string name = authority.common_name();
    sources.push_back({.object_class = CKO_CERTIFICATE,
                       .label = labels.add(name.empty() ? "Certification authority" : name),
                       .id = object_id(authority),
                       .certificate = authority,
                       .is_authority = true});
  }
  sources.push_back(signer);
  sources.back().object_class = CKO_PUBLIC_KEY;
  sources.push_back(signer);
  sources.back().object_class = CKO_PRIVATE_KEY;
  sources.back().is_private = account.login != Login::none;
  for (const auto& profile : profiles) {
    sources.push_back({.object_class = CKO_PROFILE, .label = profile.name, .profile = profile.id});
  }
  return sources;
}

CK_OBJECT_HANDLE new_handles(std::size_t count) {
  static std::atomic<CK_OBJECT_HANDLE> next = 1;
  return next.fetch_add(count);
}

bool equal(const CK_ATTRIBUTE& wanted, const Bytes& value) {
  const auto* start = static_cast<const unsigned char*>(wanted.pValue);
  return value.size() == wanted.ulValueLen && std::equal(value.begin(), value.end(), start);
}

}  // namespace

Object::Object(const Source& source)
    : class_(source.object_class), is_private_(source.is_private), attributes_(attributes_of(source)) {}

const Bytes* Object::value(CK_ATTRIBUTE_TYPE type) const {
  const auto found = std::find_if(attributes_.begin(), attributes_.end(),
                                  [type](const Attribute& attribute) { return attribute.type == type; });
  return found == attributes_.end() ? nullptr : &found->value;
}

bool Object::matches(std::span<const CK_ATTRIBUTE> wanted) const {
  return std::all_of(wanted.begin(), wanted.end(), [this](const CK_ATTRIBUTE& one) {
    const Bytes* own = value(one.type);
    return own != nullptr && equal(one, *own);
  });
}

CK_RV Object::read(CK_ATTRIBUTE& wanted) const {
  const CK_ULONG room = std::exchange(wanted.ulValueLen, CK_UNAVAILABLE_INFORMATION);
  if (is_secret(class_, wanted.type)) return CKR_ATTRIBUTE_SENSITIVE;
  const Bytes* own = value(wanted.type);
  if (own == nullptr) return CKR_ATTRIBUTE_TYPE_INVALID;
  if (wanted.pValue != nullptr) {
    if (room < own->size()) return CKR_BUFFER_TOO_SMALL;
    std::copy(own->begin(), own->end(), static_cast<unsigned char*>(wanted.pValue));
  }
  wanted.ulValueLen = own->size();
  return CKR_OK;
}

CK_RV Object::read(std::span<CK_ATTRIBUTE> wanted) const {
  CK_RV result = CKR_OK;
  for (CK_ATTRIBUTE& one : wanted) {
    const CK_RV rv = read(one);
    if (result == CKR_OK) result = rv;
  }
  return result;
}

CK_ULONG Object::size() const {
  CK_ULONG size = 0;
  for (const Attribute& attribute : attributes_) size += attribute.value.size();
  return size;
}

Objects::Objects(CertificateChain chain, const Account& account) : chain_(std::move(chain)) {
  for (const Source& source : sources(chain_, account)) objects_.emplace_back(source);
  first_handle_ = new_handles(objects_.size());
}

const Object* Objects::find(CK_OBJECT_HANDLE handle) const {
  // A handle below the first one wraps around to a huge index.
  const CK_ULONG index = handle - first_handle_;
  return index < objects_.size() ? &objects_[index] : nullptr;
}

std::vector<CK_OBJECT_HANDLE> Objects::search(std::span<const CK_ATTRIBUTE> wanted, bool with_private) const {
  std::vector<CK_OBJECT_HANDLE> found;
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    const Object& object = objects_[i];
    if ((with_private || !object.is_private()) && object.matches(wanted)) found.push_back(first_handle_ + i);
  }
  return found;
}

}  // namespace smartcmd::p11
