// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/pinentry.h"

#include <errno.h>
#include <glib.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace smartcmd {

namespace {

// Whose errors are libassuan's own. Those that "ERR" brings are of GPG_ERR_SOURCE_PINENTRY, or USER_1 by default.
constexpr gpg_err_source_t own_source = GPG_ERR_SOURCE_USER_4;

// What says that the program has closed its end.
constexpr gpg_err_code_t ends[] = {GPG_ERR_EOF,      GPG_ERR_ASS_READ_ERROR, GPG_ERR_ASS_WRITE_ERROR,
                                   GPG_ERR_EPIPE,    GPG_ERR_ECONNRESET,     GPG_ERR_ASS_INCOMPLETE_LINE,
                                   GPG_ERR_ECANCELED};

// ---- memory that is wiped, for libassuan keeps the lines it has read ------------------------------------------------

void wipe_and_free(void* memory) {
  if (memory != nullptr) explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* reallocate(void* memory, std::size_t size) {
  void* larger = std::malloc(size);
  if (larger == nullptr || memory == nullptr) return larger;
  memcpy(larger, memory, std::min(size, malloc_usable_size(memory)));
  wipe_and_free(memory);
  return larger;
}

int log_nothing(assuan_context_t, void*, unsigned int, const char*) {
  return 0;
}

int leave_open(assuan_context_t, assuan_fd_t) {
  return 0;  // the descriptor is ours
}

CPtr<assuan_context_s, assuan_release> new_context() {
  static assuan_malloc_hooks memory{std::malloc, reallocate, wipe_and_free};
  assuan_context_t context = nullptr;
  if (assuan_new_ext(&context, own_source, &memory, log_nothing, nullptr) != 0) throw std::bad_alloc();
  return CPtr<assuan_context_s, assuan_release>(context);
}

}  // namespace

Pinentry::Pinentry(const std::string& path, Watch& watch) : path_(path), watch_(watch), context_(new_context()) {
  int ends_of_socket[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_of_socket) != 0) {
    fail(Errc::no_prompt, _("The pinentry program '{program}' could not be started: {reason}."),
         {"reason", strerror(errno)});
  }
  socket_ = FileDescriptor(ends_of_socket[0]);
  const FileDescriptor theirs(ends_of_socket[1]);
  try {
    program_.emplace(
        Program{path_, {}, own_environment(), {{theirs.get(), STDIN_FILENO}, {theirs.get(), STDOUT_FILENO}}, true});
  } catch (const std::system_error& failure) {
    fail(Errc::no_prompt, _("The pinentry program '{program}' could not be started: {reason}."),
         {"reason", failure.code().message()});
  }
  connect();
}

void Pinentry::connect() {
  assuan_system_hooks hooks{};
  hooks.version = ASSUAN_SYSTEM_HOOKS_VERSION;
  hooks.read = read_hook;
  hooks.write = write_hook;
  hooks.close = leave_open;
  assuan_ctx_set_system_hooks(context_.get(), &hooks);
  assuan_set_pointer(context_.get(), this);
  assuan_begin_confidential(context_.get());
  require_conversation(assuan_socket_connect_fd(context_.get(), socket_.get(), 0), Errc::no_prompt);
}

std::string Pinentry::escaped(const std::string& text) {
  // All of ASCII that is printed, but for the percent sign.
  constexpr const char* kept = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}";
  const CPtr<char, g_free> result(g_uri_escape_string(text.c_str(), kept, TRUE));
  return result.get();
}

Pinentry::Result Pinentry::transact(const std::string& command) {
  data_.clear();
  const gpg_error_t result =
      assuan_transact(context_.get(), command.c_str(), data_hook, this, nullptr, nullptr, nullptr, nullptr);
  require_conversation(result, Errc::prompt_failed);
  return {gpg_err_code(result), std::move(data_)};
}

void Pinentry::fail(Errc code, const char* sentence, Value value) const {
  throw Error(code, filled(sentence, {{"program", path_}, value}) + " " +
                        _("Nothing was signed. Check SMARTCMD_PINENTRY, or pinentry= in the configuration."));
}

void Pinentry::require_conversation(gpg_error_t result, Errc code) {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (result == 0 || gpg_err_source(result) != own_source) return;
  if (std::find(std::begin(ends), std::end(ends), gpg_err_code(result)) == std::end(ends)) {
    fail(code, _("The program '{program}' does not answer as a pinentry does."));
  }
  if (!program_->ends_within(ChildProcess::grace))
    fail(code, _("The pinentry program '{program}' has stopped answering."));
  const std::string status = std::to_string(program_->status());
  if (program_->was_killed()) {
    fail(code, _("The pinentry program '{program}' was ended by signal {signal}."), {"signal", status});
  }
  fail(code, _("The pinentry program '{program}' ended with status {status} before it had answered."),
       {"status", status});
}

// ---- what libassuan calls -------------------------------------------------------------------------------------------

ssize_t Pinentry::read_hook(assuan_context_t context, int, void* buffer, std::size_t size) {
  auto* self = static_cast<Pinentry*>(assuan_get_pointer(context));
  try {
    return self->read(buffer, size);
  } catch (...) {
    self->thrown_ = std::current_exception();
    errno = ECANCELED;
    return -1;
  }
}

ssize_t Pinentry::write_hook(assuan_context_t context, int, const void* buffer, std::size_t size) {
  auto* self = static_cast<Pinentry*>(assuan_get_pointer(context));
  try {
    return self->write(buffer, size);
  } catch (...) {
    self->thrown_ = std::current_exception();
    errno = ECANCELED;
    return -1;
  }
}

gpg_error_t Pinentry::data_hook(void* pointer, const void* octets, std::size_t size) {
  auto* self = static_cast<Pinentry*>(pointer);
  try {
    for (const char octet : std::string_view(static_cast<const char*>(octets), size)) self->data_.push_back(octet);
    return 0;
  } catch (const Error&) {  // nothing a person would type
    return gpg_err_make(own_source, GPG_ERR_TOO_LARGE);
  }
}

// Waits first, for a program that never stops writing must not keep us from looking at the time. A program that has
// ended has said all it will, even where a descendant holds its end.
ssize_t Pinentry::read(void* buffer, std::size_t size) {
  for (;;) {
    const bool ended = watch_.wait(socket_.get()) == Watch::Event::child && program_->has_ended();
    const ssize_t count = recv(socket_.get(), buffer, size, MSG_DONTWAIT);
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return count;
    if (ended) return 0;
  }
}

ssize_t Pinentry::write(const void* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = send(socket_.get(), buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return count;
    watch_.wait(socket_.get(), POLLOUT);
  }
}

}  // namespace smartcmd
