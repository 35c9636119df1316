// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a host pays for a PKCS#11 module, told as JSON. It links nothing but the C library, so that what a module brings
// along counts as the module's.
//
//   load-module visit [MODULE]      from dlopen to C_Finalize, every object read; without a module: nothing
//   load-module accounts MODULE     the slots and their tokens
//   load-module sign MODULE COUNT   C_Sign of digests, and which part of it an agent has the turn
//   load-module hash MODULE         C_SignUpdate

#include <dlfcn.h>
#include <link.h>
#include <p11-kit/pkcs11.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

double seconds(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr double microseconds = 1e6;

double turn_began = 0;
double turn_ended = 0;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// The module's calls come by here: from the one to the other the agent has the turn.
extern "C" [[gnu::visibility("default")]] int posix_spawn(pid_t* pid, const char* path,
                                                          const posix_spawn_file_actions_t* actions,
                                                          const posix_spawnattr_t* attributes, char* const argv[],
                                                          char* const envp[]) {
  turn_began = seconds();
  return next<decltype(&posix_spawn)>("posix_spawn")(pid, path, actions, attributes, argv, envp);
}

extern "C" [[gnu::visibility("default")]] int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  const int result = next<decltype(&waitid)>("waitid")(type, id, info, options);
  turn_ended = seconds();
  return result;
}

namespace {

CK_FUNCTION_LIST* p11 = nullptr;

void check(CK_RV rv, const char* function) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "load-module: %s: 0x%lx\n", function, rv);
  exit(1);
}

void load(const char* file) {
  void* module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* symbol = module != nullptr ? dlsym(module, "C_GetFunctionList") : nullptr;
  if (symbol == nullptr) {
    fprintf(stderr, "load-module: %s\n", dlerror());
    exit(1);
  }
  check(reinterpret_cast<CK_C_GetFunctionList>(symbol)(&p11), "C_GetFunctionList");
  check(p11->C_Initialize(nullptr), "C_Initialize");
}

struct Slots {
  CK_SLOT_ID ids[2000];
  CK_ULONG count = sizeof ids / sizeof *ids;
  Slots() { check(p11->C_GetSlotList(CK_TRUE, ids, &count), "C_GetSlotList"); }
};

CK_SESSION_HANDLE open_session(CK_SLOT_ID slot) {
  CK_SESSION_HANDLE session = 0;
  check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session), "C_OpenSession");
  return session;
}

CK_ULONG find(CK_SESSION_HANDLE in, CK_ATTRIBUTE* wanted, CK_ULONG wanted_count, CK_OBJECT_HANDLE (&found)[100]) {
  CK_ULONG count = 0;
  check(p11->C_FindObjectsInit(in, wanted, wanted_count), "C_FindObjectsInit");
  check(p11->C_FindObjects(in, found, 100, &count), "C_FindObjects");
  check(p11->C_FindObjectsFinal(in), "C_FindObjectsFinal");
  return count;
}

// ---- visit ----------------------------------------------------------------------------------------------------------

// What programs read; no object has all of it.
void read(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  static constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_CLASS,   CKA_LABEL,  CKA_ID,      CKA_VALUE,
                                                CKA_SUBJECT, CKA_ISSUER, CKA_MODULUS, CKA_PUBLIC_EXPONENT};
  static unsigned char room[16384];
  for (const CK_ATTRIBUTE_TYPE type : types) {
    CK_ATTRIBUTE attribute{type, room, sizeof room};
    p11->C_GetAttributeValue(session, object, &attribute, 1);
  }
}

CK_ULONG read_objects(CK_SLOT_ID slot) {
  CK_TOKEN_INFO info{};
  if (p11->C_GetTokenInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) return 0;
  const CK_SESSION_HANDLE session = open_session(slot);
  // SoftHSM shows a private key to those who have logged in.
  char pin[] = "1234";
  if ((info.flags & CKF_LOGIN_REQUIRED) != 0) {
    check(p11->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin), strlen(pin)), "C_Login");
  }
  CK_OBJECT_HANDLE objects[100];
  const CK_ULONG count = find(session, nullptr, 0, objects);
  for (CK_ULONG i = 0; i < count; ++i) read(session, objects[i]);
  check(p11->C_CloseSession(session), "C_CloseSession");
  return count;
}

int libraries() {
  int count = 0;
  dl_iterate_phdr([](dl_phdr_info*, size_t, void* counter) { return ++*static_cast<int*>(counter), 0; }, &count);
  return count;
}

/// Of this process's memory what is in RAM, and what nobody else can share, in KiB.
struct Memory {
  long resident = 0;
  long own = 0;
};

Memory memory() {
  Memory sum;
  char line[256];
  FILE* file = fopen("/proc/self/smaps_rollup", "re");
  while (file != nullptr && fgets(line, sizeof line, file) != nullptr) {
    long kib = 0;
    if (sscanf(line, "Rss: %ld", &kib) == 1) sum.resident = kib;
    if (sscanf(line, "Anonymous: %ld", &kib) == 1) sum.own = kib;
  }
  if (file != nullptr) fclose(file);
  return sum;
}

void visit(const char* module) {
  const Memory memory_before = memory();
  const int libraries_before = libraries();
  const double begin = seconds();
  CK_ULONG objects = 0;
  if (module != nullptr) {
    load(module);
    const Slots slots;
    for (CK_ULONG i = 0; i < slots.count; ++i) objects += read_objects(slots.ids[i]);
  }
  const double worked = seconds() - begin;
  const Memory memory_now = memory();
  const double end = seconds();
  if (module != nullptr) check(p11->C_Finalize(nullptr), "C_Finalize");
  printf("{\"microseconds\": %.1f, \"objects\": %lu, \"libraries\": %d, \"resident\": %ld, \"own\": %ld}\n",
         (worked + seconds() - end) * microseconds, objects, libraries() - libraries_before,
         memory_now.resident - memory_before.resident, memory_now.own - memory_before.own);
}

// ---- accounts -------------------------------------------------------------------------------------------------------

void accounts(const char* module) {
  const double begin = seconds();
  load(module);
  const double initialised = seconds();
  const Slots slots;
  const double listed = seconds();
  for (CK_ULONG i = 0; i < slots.count; ++i) {
    CK_TOKEN_INFO info{};
    check(p11->C_GetTokenInfo(slots.ids[i], &info), "C_GetTokenInfo");
  }
  printf("{\"slots\": %lu, \"load\": %.1f, \"list\": %.1f, \"tokens\": %.1f}\n", slots.count,
         (initialised - begin) * microseconds, (listed - initialised) * microseconds,
         (seconds() - listed) * microseconds);
}

// ---- sign, hash -----------------------------------------------------------------------------------------------------

CK_SESSION_HANDLE session = 0;
CK_OBJECT_HANDLE private_key = 0;
CK_OBJECT_HANDLE public_key = 0;

CK_OBJECT_HANDLE find_one(CK_OBJECT_CLASS object_class) {
  CK_ATTRIBUTE wanted{CKA_CLASS, &object_class, sizeof object_class};
  CK_OBJECT_HANDLE found[100];
  return find(session, &wanted, 1, found) > 0 ? found[0] : 0;
}

void find_keys(const char* module) {
  load(module);
  session = open_session(Slots().ids[0]);
  private_key = find_one(CKO_PRIVATE_KEY);
  public_key = find_one(CKO_PUBLIC_KEY);
}

// Nothing is hashed: signer and verifier are given a DigestInfo, each time another, so that nothing is remembered.
struct Signature {
  unsigned char digest_info[51] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  unsigned char octets[2048];
  CK_ULONG length = sizeof octets;

  explicit Signature(int number) { memcpy(digest_info + 19, &number, sizeof number); }
  void make() { check(p11->C_Sign(session, digest_info, sizeof digest_info, octets, &length), "C_Sign"); }
  void verify() { check(p11->C_Verify(session, digest_info, sizeof digest_info, octets, length), "C_Verify"); }
};

double median(double* values, size_t count) {
  qsort(values, count, sizeof *values, [](const void* a, const void* b) {
    const double difference = *static_cast<const double*>(a) - *static_cast<const double*>(b);
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
  });
  return values[count / 2];
}

void sign(const char* module, int count) {
  static double own[10000], turn[10000], verification[10000];
  find_keys(module);
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  for (int i = -1; i < count; ++i) {  // the first warms up
    Signature signature(i);
    const double begin = seconds();
    check(p11->C_SignInit(session, &mechanism, private_key), "C_SignInit");
    signature.make();
    const double made = seconds();
    check(p11->C_VerifyInit(session, &mechanism, public_key), "C_VerifyInit");
    signature.verify();
    if (i < 0) continue;
    verification[i] = seconds() - made;
    turn[i] = turn_ended - turn_began;
    own[i] = made - begin - turn[i];
  }
  const auto size = static_cast<size_t>(count);
  printf("{\"own\": %.1f, \"turn\": %.1f, \"verification\": %.1f}\n", median(own, size) * microseconds,
         median(turn, size) * microseconds, median(verification, size) * microseconds);
}

void hash(const char* module) {
  static unsigned char part[16384];
  find_keys(module);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  check(p11->C_SignInit(session, &mechanism, private_key), "C_SignInit");
  const double begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
  double passed = 0;
  double parts = 0;
  for (; passed < 1; passed = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin) {
    for (int i = 0; i < 1000; ++i) check(p11->C_SignUpdate(session, part, sizeof part), "C_SignUpdate");
    parts += 1000;
  }
  printf("{\"bytes_per_second\": %.0f}\n", parts * sizeof part / passed);
}

}  // namespace

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "visit") == 0) return visit(argv[2]), 0;
  if (strcmp(what, "accounts") == 0 && argc == 3) return accounts(argv[2]), 0;
  if (strcmp(what, "sign") == 0 && argc == 4) return sign(argv[2], atoi(argv[3])), 0;
  if (strcmp(what, "hash") == 0 && argc == 3) return hash(argv[2]), 0;
  fprintf(stderr, "usage: load-module visit|accounts|sign|hash MODULE [COUNT]\n");
  return 2;
}
