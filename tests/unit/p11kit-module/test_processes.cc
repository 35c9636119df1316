// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The PKCS#11 module among threads, forks, cancelled threads and exit handlers.

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "signing/certificate.h"
#include "signing/hasher.h"
#include "tests/support/cryptoki.h"
#include "tests/support/expect.h"
#include "tests/support/threads.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_CLO_CHANGE(option) static_cast<void>(option)
#endif

namespace smartcmd {
namespace {

constexpr const char* answers = "case $1 in pin) echo 1234;; otp) echo 123456;; esac";

std::unique_ptr<TokenHome> home;
std::optional<Certificate> signer;

int set_up(void**) {
  home = std::make_unique<TokenHome>();
  signer = CertificateChain::from_pem(home->read("chain.pem")).signer();
  return 0;
}

int tear_down(void**) {
  signer.reset();
  home.reset();
  return 0;
}

int finalise(void**) {
  p11().C_Finalize(nullptr);
  home->set_askpass(answers);
  unsetenv("SMARTCMD_FAKE_FAULT");
  for (const char* name : {"log", "gate", "open"}) std::filesystem::remove(home->file(name));
  return 0;
}

void initialise() {
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
}

// Whether a whole signature of `text`, in a session of its own, is made and verifies.
bool signs(const std::string& text) {
  const CK_SESSION_HANDLE session = open_session();
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  Bytes data = octets(text), signature(256);
  CK_ULONG size = signature.size();
  if (p11().C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)) != CKR_OK) return false;
  if (p11().C_Sign(session, data.data(), data.size(), signature.data(), &size) != CKR_OK) return false;
  p11().C_CloseSession(session);
  Hasher hasher(Hash::sha256);
  hasher.update(data);
  return signer->verify(hasher.digest(), signature);
}

// From now on a person answers only when open_gate() has been called.
void close_gate() {
  assert_int_equal(mkfifo(home->file("gate").c_str(), 0600), 0);
  const std::string open = home->file("open"), gate = home->file("gate");
  home->set_askpass("[ -e " + open + " ] || cat " + gate + " >/dev/null; " + answers);
}

// When somebody waits there; meanwhile `work` is done.
void open_gate(const std::function<void()>& work = [] {}) {
  const std::ofstream gate(home->file("gate"));  // a pipe opens when it is read
  work();
  std::ofstream(home->file("open"));
}

/// Whether the child does `work` and ends well within half a minute. What other threads had at hand when it was forked
/// belongs to nobody in there, which memcheck calls lost.
bool child_does(const std::function<bool()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    VALGRIND_CLO_CHANGE("--leak-check=no");
    alarm(30);
    _exit(work() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

bool with_address_sanitizer() {
  return dlsym(RTLD_DEFAULT, "__asan_init") != nullptr;
}

// ---- threads --------------------------------------------------------------------------------------------------------

void threads_sign_at_the_same_time(void**) {
  constexpr int count = 100;
  initialise();
  close_gate();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      if (signs("threads " + std::to_string(i))) ++good;
    });
  }
  open_gate(wait_until_all_others_wait);
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(good, count);
  // The first asks alone, those who have come meanwhile together.
  assert_int_equal(home->batches(), 2);
}

// Looks at everything, in whatever state the library is; whether each answer makes sense.
bool looks_around() {
  CK_SESSION_HANDLE session = 0;
  CK_TOKEN_INFO info{};
  p11().C_GetTokenInfo(first_slot(), &info);
  p11().C_OpenSession(first_slot(), CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  for (const CK_OBJECT_HANDLE object : find(session, {})) attribute(session, object, CKA_ID);
  CK_MECHANISM mechanism{CKM_SHA256, nullptr, 0};
  unsigned char data[1000]{}, digest[32];
  CK_ULONG size = sizeof digest;
  p11().C_DigestInit(session, &mechanism);
  p11().C_DigestUpdate(session, data, sizeof data);
  p11().C_DigestFinal(session, digest, &size);
  p11().C_GenerateRandom(session, data, sizeof data);
  const CK_RV rv = p11().C_CloseSession(session);
  return rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_CRYPTOKI_NOT_INITIALIZED;
}

void threads_may_be_at_work_while_the_library_comes_and_goes(void**) {
  std::atomic<bool> stop = false;
  std::atomic<int> strange = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      while (!stop) strange += looks_around() ? 0 : 1;
    });
  }
  for (int i = 0; i < 100; ++i) {
    initialise();
    p11().C_CloseAllSessions(first_slot());
    assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(strange, 0);
}

// A thread that is cancelled in C_Sign leaves nothing behind that stops the others. What cancels it ends its calls, of
// which AddressSanitizer learns nothing: it takes what it had marked on the stack for marks of those who come after.
void a_thread_may_be_cancelled_while_it_waits(void**) {
  if (with_address_sanitizer()) skip();
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  setenv("SMARTCMD_FAKE_FAULT", "hang", 1);
  assert_int_equal(mkfifo(home->file("log").c_str(), 0600), 0);
  pthread_t thread;
  const auto sign = [](void* handle) -> void* {
    const auto own = *static_cast<CK_SESSION_HANDLE*>(handle);
    CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
    unsigned char data[] = {'c', 'a', 'n'}, signature[256];
    CK_ULONG size = sizeof signature;
    p11().C_SignInit(own, &mechanism, find_one(own, CKO_PRIVATE_KEY));
    p11().C_Sign(own, data, sizeof data, signature, &size);
    return nullptr;
  };
  CK_SESSION_HANDLE handle = session;
  assert_int_equal(pthread_create(&thread, nullptr, sign, &handle), 0);
  std::string line;
  std::getline(std::ifstream(home->file("log")), line);
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);
  assert_true(result == PTHREAD_CANCELED);

  std::filesystem::remove(home->file("log"));
  unsetenv("SMARTCMD_FAKE_FAULT");
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  assert_int_equal(p11().C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)), CKR_OK);
  assert_true(signs("after the cancelled thread"));
}

void a_session_whose_signature_was_given_up_begins_another_at_once(void**) {
  initialise();
  close_gate();
  const CK_SESSION_HANDLE session = open_session();
  const CK_OBJECT_HANDLE key = find_one(session, CKO_PRIVATE_KEY);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  assert_int_equal(p11().C_SignInit(session, &mechanism, key), CKR_OK);
  CK_RV given_up = CKR_OK;
  std::thread signing([&] {
    Bytes data = octets("given up"), signature(256);
    CK_ULONG size = signature.size();
    given_up = p11().C_Sign(session, data.data(), data.size(), signature.data(), &size);
  });
  CK_RV cancelled = CKR_GENERAL_ERROR, next = CKR_GENERAL_ERROR;
  open_gate([&] {
    cancelled = p11().C_SessionCancel(session, CKF_SIGN);
    next = p11().C_SignInit(session, &mechanism, key);
  });
  signing.join();
  assert_int_equal(cancelled, CKR_OK);
  assert_int_equal(next, CKR_OK);
  assert_int_equal(given_up, CKR_FUNCTION_CANCELED);
  assert_int_equal(p11().C_SessionCancel(session, CKF_SIGN), CKR_OK);
}

// ---- forks ----------------------------------------------------------------------------------------------------------

bool initialises_and_signs(const std::string& text) {
  return p11().C_Initialize(nullptr) == CKR_OK && signs(text) && p11().C_Finalize(nullptr) == CKR_OK;
}

void a_child_forked_before_signs(void**) {
  assert_true(child_does([] { return initialises_and_signs("child, before"); }));
  initialise();
  assert_true(signs("parent, before"));
}

void a_child_forked_after_signs(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  assert_true(signs("parent, first"));
  assert_true(child_does([session] {
    return p11().C_CloseSession(session) == CKR_CRYPTOKI_NOT_INITIALIZED && initialises_and_signs("child, after");
  }));
  assert_int_equal(p11().C_CloseSession(session), CKR_OK);
  assert_true(signs("parent, then"));
}

void a_child_of_a_child_signs(void**) {
  initialise();
  assert_true(child_does([] {
    return initialises_and_signs("child") && p11().C_Initialize(nullptr) == CKR_OK &&
           child_does([] { return initialises_and_signs("grandchild"); });
  }));
}

// Of a container's first process, in a namespace of its own
void a_child_with_the_process_id_of_its_parent_is_another(void**) {
  constexpr int cannot = 77;
  const auto status_of = [](const std::function<int()>& work) {
    int status = -1;
    const pid_t child = fork();
    if (child == 0) {
      VALGRIND_CLO_CHANGE("--leak-check=no");
      _exit(work());
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  };
  const int status = status_of([&] {
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) return cannot;
    return status_of([&] {
      if (getpid() != 1 || p11().C_Initialize(nullptr) != CKR_OK || unshare(CLONE_NEWPID) != 0) return 1;
      return status_of([] {
        CK_INFO info{};
        return getpid() == 1 && p11().C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
      });
    });
  });
  if (status == cannot) skip();
  assert_int_equal(status, 0);
}

void a_child_forked_inside_a_prompt_signs(void**) {
  initialise();
  close_gate();
  bool good = false;
  std::thread waiting([&good] { good = signs("parent, inside"); });
  const std::string own_answers = home->file("own-answers");
  std::ofstream(own_answers) << "#!/bin/sh\n" << answers << "\n";
  chmod(own_answers.c_str(), 0700);
  bool child_good = false;
  open_gate([&] {
    child_good = child_does([&own_answers] {
      setenv("SMARTCMD_ASKPASS", own_answers.c_str(), 1);
      return initialises_and_signs("child, inside");
    });
  });
  waiting.join();
  assert_true(child_good);
  assert_true(good);
}

// AddressSanitizer's allocator, unlike the C library's, leaves a child the locks that its parent's threads held.
void children_are_forked_in_the_midst_of_work(void**) {
  if (with_address_sanitizer()) skip();
  initialise();
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&stop] {
      while (!stop) looks_around();
    });
  }
  int bad = 0;
  for (int i = 0; i < 25; ++i) {
    if (!child_does([] {
          return p11().C_Initialize(nullptr) == CKR_OK && looks_around() && p11().C_Finalize(nullptr) == CKR_OK;
        })) {
      ++bad;
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(bad, 0);
}

// ---- exit -----------------------------------------------------------------------------------------------------------

bool call_at_exit = false;
CK_SESSION_HANDLE open_at_exit = 0;

// Registered before libcrypto's own handler, so that it runs after that, as browsers and pdfsig do it.
void at_exit() {
  if (!call_at_exit) return;
  signal(SIGSEGV, SIG_DFL);  // and not cmocka's
  alarm(30);
  unsigned char data[3]{}, result[256];
  CK_ULONG size = sizeof result;
  looks_around();
  p11().C_DigestFinal(open_at_exit, result, &size);
  p11().C_SignFinal(open_at_exit, result, &size);
  p11().C_VerifyFinal(open_at_exit, result, 256);
  p11().C_GenerateRandom(open_at_exit, data, sizeof data);
  p11().C_CloseSession(open_at_exit);
  p11().C_CloseAllSessions(first_slot());
  p11().C_Finalize(nullptr);
  p11().C_Initialize(nullptr);
  looks_around();
  p11().C_Finalize(nullptr);
  call_at_exit = false;
}

void calls_after_exit_has_begun_do_not_crash(void**) {
  const pid_t child = fork();
  if (child == 0) {
    p11().C_Initialize(nullptr);
    const bool good = signs("before the exit");
    open_at_exit = open_session();
    CK_MECHANISM digest{CKM_SHA256, nullptr, 0}, signature{CKM_SHA256_RSA_PKCS, nullptr, 0};
    p11().C_DigestInit(open_at_exit, &digest);
    p11().C_SignInit(open_at_exit, &signature, find_one(open_at_exit, CKO_PRIVATE_KEY));
    p11().C_VerifyInit(open_at_exit, &signature, find_one(open_at_exit, CKO_PUBLIC_KEY));
    call_at_exit = good;
    exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  std::atexit(at_exit);
  const CMUnitTest tests[] = {
      cmocka_unit_test_teardown(calls_after_exit_has_begun_do_not_crash, finalise),
      cmocka_unit_test_teardown(threads_sign_at_the_same_time, finalise),
      cmocka_unit_test_teardown(threads_may_be_at_work_while_the_library_comes_and_goes, finalise),
      cmocka_unit_test_teardown(a_thread_may_be_cancelled_while_it_waits, finalise),
      cmocka_unit_test_teardown(a_session_whose_signature_was_given_up_begins_another_at_once, finalise),
      cmocka_unit_test_teardown(a_child_forked_before_signs, finalise),
      cmocka_unit_test_teardown(a_child_forked_after_signs, finalise),
      cmocka_unit_test_teardown(a_child_of_a_child_signs, finalise),
      cmocka_unit_test_teardown(a_child_with_the_process_id_of_its_parent_is_another, finalise),
      cmocka_unit_test_teardown(a_child_forked_inside_a_prompt_signs, finalise),
      cmocka_unit_test_teardown(children_are_forked_in_the_midst_of_work, finalise),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
