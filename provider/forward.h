// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core_dispatch.h>

#include <type_traits>

#include "provider/operations.h"
#include "provider/provider.h"

namespace smartcmd::provider {

/// The implementation, loaded at the first call; nullptr when it cannot be, with dlerror(3) saying why.
const Implementation* implementation();

/// The function of that id in a dispatch table of the implementation; nullptr when there is none.
template <class Function>
Function* find(const OSSL_DISPATCH* Implementation::*table, int id) {
  const Implementation* loaded = implementation();
  if (loaded == nullptr) return nullptr;
  for (const OSSL_DISPATCH* entry = loaded->*table; entry->function_id != 0; ++entry) {
    if (entry->function_id == id) return reinterpret_cast<Function*>(entry->function);
  }
  return nullptr;
}

/// A function of our tables that does nothing but call the one of the same id in the implementation.
template <const OSSL_DISPATCH* Implementation::*table, int id, class Function>
struct Forward;

template <const OSSL_DISPATCH* Implementation::*table, int id, class Result, class... Arguments>
struct Forward<table, id, Result(Arguments...)> {
  static Result call(Arguments... arguments) {
    auto* function = find<Result(Arguments...)>(table, id);
    if constexpr (std::is_void_v<Result>) {
      if (function != nullptr) function(arguments...);
    } else {
      return function != nullptr ? function(arguments...) : Result{};
    }
  }
};

// These say where the implementation cannot be loaded, and look whether it is needed.
template <>
void* Forward<&Implementation::store, OSSL_FUNC_STORE_OPEN, OSSL_FUNC_store_open_fn>::call(void* provctx,
                                                                                           const char* uri);
template <>
int Forward<&Implementation::pem_decoder, OSSL_FUNC_DECODER_DECODE, OSSL_FUNC_decoder_decode_fn>::call(
    void* provctx, OSSL_CORE_BIO* in, int selection, OSSL_CALLBACK* object, void* object_argument,
    OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument);
template <>
int Forward<&Implementation::uri_decoder, OSSL_FUNC_DECODER_DECODE, OSSL_FUNC_decoder_decode_fn>::call(
    void* provctx, OSSL_CORE_BIO* in, int selection, OSSL_CALLBACK* object, void* object_argument,
    OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument);

/// What needs no implementation.
void* new_context(void* provctx);
void free_context(void*);
int does_selection(void*, int selection);

/// A table as the core finds it: the functions `There`, each of which loads the implementation and calls the one of the
/// same id in its table, and those that are done here.
template <const OSSL_DISPATCH* Implementation::*table, class There, class Here = Table<>>
struct Forwards;

template <const OSSL_DISPATCH* Implementation::*table, int... ids, auto... there, int... ids_here, auto... here>
struct Forwards<table, Table<Entry<ids, there>...>, Table<Entry<ids_here, here>...>> {
  using Untyped = void (*)();
  static inline const OSSL_DISPATCH entries[] = {
      {ids_here, reinterpret_cast<Untyped>(here)}...,
      {ids, reinterpret_cast<Untyped>(Forward<table, ids, std::remove_pointer_t<decltype(there)>>::call)}...,
      {}};
};

using KeymgmtForwards = Forwards<&Implementation::keymgmt, keymgmt::Functions>;
using SignatureForwards = Forwards<&Implementation::signature, signature::Functions>;
using StoreForwards = Forwards<&Implementation::store, store::Functions>;
using CipherForwards = Forwards<
    &Implementation::cipher, cipher::Functions,
    Table<Entry<OSSL_FUNC_ASYM_CIPHER_NEWCTX, new_context>, Entry<OSSL_FUNC_ASYM_CIPHER_FREECTX, free_context>>>;
using EncoderForwards =
    Forwards<&Implementation::encoder, encoder::Functions,
             Table<Entry<OSSL_FUNC_ENCODER_NEWCTX, new_context>, Entry<OSSL_FUNC_ENCODER_FREECTX, free_context>,
                   Entry<OSSL_FUNC_ENCODER_DOES_SELECTION, does_selection>>>;
using DecoderContexts =
    Table<Entry<OSSL_FUNC_DECODER_NEWCTX, new_context>, Entry<OSSL_FUNC_DECODER_FREECTX, free_context>>;
using PemDecoderForwards = Forwards<&Implementation::pem_decoder, pem_decoder::Functions, DecoderContexts>;
using UriDecoderForwards = Forwards<&Implementation::uri_decoder, uri_decoder::Functions, DecoderContexts>;

}  // namespace smartcmd::provider
