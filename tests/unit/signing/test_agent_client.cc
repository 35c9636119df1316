// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The host's side of an agent, with the fake agent (SMARTCMD_AGENT) and real processes.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/file_descriptor.h"
#include "signing/agent_client.h"
#include "signing/signing_service.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

using namespace smartcmd;

// A cancelled thread is unwound in a way that AddressSanitizer takes for an overflow, unless it keeps the frames of
// functions elsewhere than on the stack. Nobody calls this in a build without sanitizers.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "detect_stack_use_after_return=1";
}

namespace {

std::optional<TestHome> home;
std::string fake_agent;

/// Answers every question as a person would who agrees.
constexpr const char* agreeing = "case $1 in pin) echo 1234;; otp) echo 123456;; esac";

int make_home(void**) {
  const char* agent = getenv("SMARTCMD_AGENT");
  assert_non_null(agent);
  fake_agent = agent;
  home.emplace();
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  std::filesystem::remove(home->file("log"));
  std::filesystem::remove_all(home->file("state"));
  setenv("SMARTCMD_AGENT", fake_agent.c_str(), 1);
  unsetenv("SMARTCMD_FAKE_FAULT");
  home->set_askpass(agreeing);
  return 0;
}

/// Documents that were never signed before: a signature that was made is remembered.
std::vector<Document> documents(std::size_t count) {
  static unsigned char batch = 0;
  ++batch;
  std::vector<Document> all;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes digest(32, batch);
    digest[0] = static_cast<unsigned char>(i);
    all.push_back({"document " + std::to_string(i) + ".pdf", {Hash::sha256, digest}});
  }
  return all;
}

AgentRequest request_to(AgentRequest::Verb verb, std::size_t count = 0) {
  AgentRequest request{};
  request.verb = verb;
  request.account = "joana";
  request.program = "test";
  request.documents = documents(count);
  return request;
}

/// Whether this process has no child, running or waiting to be reaped.
bool has_no_child() {
  return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

// ---- what works -----------------------------------------------------------------------------------------------------

void sign_and_verify(std::size_t count) {
  const SigningService service(Config::load());
  const Account& account = service.config().account();
  const CertificateChain chain = service.enrol(account);
  const std::vector<Document> signed_documents = documents(count);
  const std::vector<Signature> signatures = service.sign(account, chain.signer(), signed_documents);
  assert_int_equal(signatures.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    assert_true(chain.signer().verify(signed_documents[i].digest, signatures[i].value));
  }
  assert_true(has_no_child());
}

void one_document_is_signed(void**) {
  sign_and_verify(1);
  assert_string_equal(home->log().c_str(), "certificates\nstart\n  document document 0.pdf\nfinish\n");
}

void hundred_documents_are_signed(void**) {
  sign_and_verify(max_batch);
}

void pin_of_the_application_is_not_asked_again(void**) {
  home->set_askpass("case $1 in pin) exit 2;; otp) echo 123456;; esac");
  AgentRequest request = request_to(AgentRequest::Verb::sign, 1);
  request.pin = SecureString("1234");
  assert_int_equal(std::get<std::vector<Signature>>(ask_agent(request)).size(), 1);
}

void enrolment_with_pin_gives_the_chain(void**) {
  const AgentReply reply = ask_agent(request_to(AgentRequest::Verb::enrol_with_pin));
  const auto chain = CertificateChain::from_pem(std::get<std::string>(reply));
  assert_int_equal(chain.all().size(), 3);
  assert_string_equal(home->log().c_str(), "start\nfinish\n");
}

// ---- what fails -----------------------------------------------------------------------------------------------------

void missing_agent_is_named(void**) {
  setenv("SMARTCMD_AGENT", "/nonexistent/smartcmd-agent", 1);
  const Error error = error_of([] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
  assert_true(error.code() == Errc::agent_failed);
  assert_true(contains(error.message(), "/nonexistent/smartcmd-agent"));
  assert_true(has_no_child());
}

void agent_that_dies_is_named(void**) {
  setenv("SMARTCMD_FAKE_FAULT", "die", 1);
  const Error error = error_of([] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
  assert_true(error.code() == Errc::agent_failed);
  assert_true(contains(error.message(), fake_agent));
  assert_true(has_no_child());
}

void errors_of_the_service_arrive(void**) {
  const struct {
    const char* fault;
    Errc code;
    const char* service_code;
    const char* log;
  } rows[] = {
      {"wrong-pin", Errc::wrong_pin, "801", "start\n"},
      {"wrong-otp", Errc::wrong_otp, "802", "start\n  document document 0.pdf\nfinish\n"},
      {"inactive", Errc::service_inactive, "817", "start\n"},
  };
  for (const auto& row : rows) {
    set_up(nullptr);
    setenv("SMARTCMD_FAKE_FAULT", row.fault, 1);
    const Error error = error_of([] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
    assert_true(error.code() == row.code);
    assert_string_equal(error.service_code().c_str(), row.service_code);
    assert_string_equal(home->log().c_str(), row.log);  // nothing is ever tried again
  }
}

void spoilt_signatures_do_not_leave(void**) {
  const SigningService service(Config::load());
  const Account& account = service.config().account();
  service.enrol(account);
  const struct {
    const char* fault;
    Errc code;
  } rows[] = {
      {"garbage-signature", Errc::signature_invalid},
      {"swapped-signatures", Errc::signature_invalid},
      {"short-signature", Errc::signature_invalid},
      {"missing-signature", Errc::agent_failed},
  };
  for (const auto& row : rows) {
    setenv("SMARTCMD_FAKE_FAULT", row.fault, 1);
    expect_error(row.code, [&] { service.sign(account, service.certificates(account).signer(), documents(2)); });
  }
}

// As a child that the host forks just when it starts the agent
void somebody_else_may_hold_the_agents_socket(void**) {
  const auto script = home->file("agent");
  std::ofstream(script) << "#!/bin/sh\nsleep 600 &\necho $! >" << home->file("holder").string() << "\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const std::string agent = getenv("SMARTCMD_AGENT");
  setenv("SMARTCMD_AGENT", script.c_str(), 1);
  expect_error(Errc::agent_failed, [] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
  setenv("SMARTCMD_AGENT", agent.c_str(), 1);
  kill(static_cast<pid_t>(std::stol(home->read("holder"))), SIGKILL);
}

// One that neither answers nor ends, also where there is no descriptor left to wait for it with
void a_stuck_agent_is_given_up(void**) {
  const auto script = home->file("agent");
  std::ofstream(script) << "#!/bin/sh\ntrap '' TERM\nexec 3>&-\nwhile :; do sleep 1; done\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  setenv("SMARTCMD_AGENT", script.c_str(), 1);
  for (const rlim_t left : {rlim_t{2}, rlim_t{100}}) {  // two are the socket's ends
    const FileDescriptor next(open("/dev/null", O_RDONLY | O_CLOEXEC));
    rlimit former{};
    getrlimit(RLIMIT_NOFILE, &former);
    const rlimit small{static_cast<rlim_t>(next.get()) + 1 + left, former.rlim_max};
    setrlimit(RLIMIT_NOFILE, &small);
    expect_error(Errc::agent_failed, [] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
    setrlimit(RLIMIT_NOFILE, &former);
  }
}

void useless_requests_reach_no_service(void**) {
  expect_error(Errc::invalid_argument, [] { ask_agent(request_to(AgentRequest::Verb::sign, 0)); });
  AgentRequest weak = request_to(AgentRequest::Verb::sign, 1);
  weak.documents[0].digest = {Hash::sha1, Bytes(20, 1)};
  expect_error(Errc::hash_not_allowed, [&] { ask_agent(weak); });
  AgentRequest stranger = request_to(AgentRequest::Verb::sign, 1);
  stranger.account = "nobody";
  expect_error(Errc::unknown_account, [&] { ask_agent(stranger); });
  for (const char* pin : {"123", "123456789", "12a4", "1234\n", " 1234"}) {
    AgentRequest wrong = request_to(AgentRequest::Verb::sign, 1);
    wrong.pin = SecureString(pin);
    expect_error(Errc::invalid_secret, [&] { ask_agent(wrong); });
  }
  assert_string_equal(home->log().c_str(), "");
}

// ---- a host that goes -----------------------------------------------------------------------------------------------

/// An askpass program that tells through a FIFO that it is there, and by the FIFO's end that it is gone.
class WaitingAskpass {
 public:
  explicit WaitingAskpass(const std::string& purpose) {
    const std::filesystem::path fifo = home->file("fifo");
    std::filesystem::remove(fifo);
    assert_int_equal(mkfifo(fifo.c_str(), 0600), 0);
    home->set_askpass("[ $1 = " + purpose + " ] || { echo 1234; exit; }\nexec 3>" + fifo.string() +
                      "\necho here >&3\nexec sleep 600");
    // Not to wait for a writer; then to wait for what it writes.
    fifo_ = FileDescriptor(open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    keep_open_ = FileDescriptor(open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
    fcntl(fifo_.get(), F_SETFL, 0);
  }
  void wait_until_here() {
    char text[5];
    assert_int_equal(::read(fifo_.get(), text, sizeof text), sizeof text);
    keep_open_.close();
  }
  void wait_until_gone() {
    char octet;
    assert_int_equal(::read(fifo_.get(), &octet, 1), 0);
  }

 private:
  FileDescriptor fifo_, keep_open_;
};

void* ask_in_thread(void*) {
  ask_agent(request_to(AgentRequest::Verb::sign, 1));
  return nullptr;
}

void cancel_thread_while_asked_for(const std::string& purpose) {
  WaitingAskpass askpass(purpose);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, nullptr, ask_in_thread, nullptr), 0);
  askpass.wait_until_here();
  assert_int_equal(pthread_cancel(thread), 0);
  void* result = nullptr;
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, PTHREAD_CANCELED);
  askpass.wait_until_gone();
  assert_true(has_no_child());
}

void cancelled_thread_takes_agent_and_askpass_along(void**) {
  cancel_thread_while_asked_for("pin");
  assert_string_equal(home->log().c_str(), "");
  cancel_thread_while_asked_for("otp");
  assert_string_equal(home->log().c_str(), "start\n  document document 0.pdf\n");
}

/// Runs `act` in a child process and returns its wait status.
int status_of(const std::function<void()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    try {
      act();
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

void killed_host_takes_agent_and_askpass_along(void**) {
  WaitingAskpass askpass("pin");
  const pid_t host = fork();
  if (host == 0) {
    ask_in_thread(nullptr);
    _exit(0);
  }
  askpass.wait_until_here();
  assert_int_equal(kill(host, SIGKILL), 0);
  assert_int_equal(waitpid(host, nullptr, 0), host);
  askpass.wait_until_gone();
}

void hanging_service_is_given_up_with_the_host(void**) {
  setenv("SMARTCMD_FAKE_FAULT", "hang", 1);
  // The second question has come when the first is answered: the service now hangs in `start`.
  home->set_askpass("exec 3>" + home->file("fifo").string() + "\necho here >&3\necho 1234");
  std::filesystem::remove(home->file("fifo"));
  assert_int_equal(mkfifo(home->file("fifo").c_str(), 0600), 0);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, nullptr, ask_in_thread, nullptr), 0);
  FileDescriptor fifo(open(home->file("fifo").c_str(), O_RDONLY | O_CLOEXEC));
  char text[6];
  while (read(fifo.get(), text, sizeof text) > 0) {
  }
  assert_int_equal(pthread_cancel(thread), 0);
  assert_int_equal(pthread_join(thread, nullptr), 0);
  assert_true(has_no_child());
}

// ---- hosts of all kinds ---------------------------------------------------------------------------------------------

void reap_all(int) {
  const int kept = errno;
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  errno = kept;
}

void host_may_ignore_or_reap_children(void**) {
  for (void (*handler)(int) : {SIG_IGN, reap_all}) {
    const int status = status_of([handler] {
      struct sigaction action {};
      action.sa_handler = handler;
      sigaction(SIGCHLD, &action, nullptr);
      ask_agent(request_to(AgentRequest::Verb::sign, 1));
    });
    assert_int_equal(status, 0);
  }
}

void block_and_ignore_all_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  for (int number = 1; number < 32; ++number) std::signal(number, SIG_IGN);
}

void host_may_block_and_ignore_signals(void**) {
  const int status = status_of([] {
    block_and_ignore_all_signals();
    ask_agent(request_to(AgentRequest::Verb::sign, 1));
  });
  assert_int_equal(status, 0);
}

/// The mask of that name that the kernel showed, without the signals that are the C library's own.
unsigned long long signal_mask(const std::string& status, const std::string& name) {
  const std::size_t at = status.find(name);
  assert_true(at != std::string::npos);
  return std::stoull(status.substr(at + name.size()), nullptr, 16) & ~(1ULL << (32 - 1) | 1ULL << (33 - 1));
}

void agent_has_its_signals(void**) {
  home->set_askpass("exec grep Sig /proc/self/status > " + home->file("signals").string());
  setenv("SMARTCMD_AGENT", home->file("askpass").c_str(), 1);
  status_of([] {
    block_and_ignore_all_signals();
    ask_agent(request_to(AgentRequest::Verb::sign, 1));
  });
  assert_int_equal(signal_mask(home->read("signals"), "SigBlk:"), 0);
  unsigned long long terminal = 0;
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU}) terminal |= 1ULL << (number - 1);
  assert_int_equal(signal_mask(home->read("signals"), "SigIgn:"), terminal);
}

// The socket may get any of the numbers that mean something to the agent.
void host_may_have_closed_its_descriptors(void**) {
  for (unsigned closed = 0; closed < 16; ++closed) {
    const int status = status_of([closed] {
      for (int descriptor = 0; descriptor < 4; ++descriptor) {
        if ((closed & (1U << descriptor)) != 0) {
          close(descriptor);
        } else if (fcntl(descriptor, F_GETFD) < 0) {
          dup2(STDERR_FILENO, descriptor);
        }
      }
      ask_agent(request_to(AgentRequest::Verb::fetch_certificates));
    });
    assert_int_equal(status, 0);
  }
}

// ---- what the agent and the askpass program inherit -----------------------------------------------------------------

/// Sets a variable as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string recording(const std::string& directory) {
  return "ls -l /proc/$$/fd > " + directory + "/descriptors\nenv > " + directory + "/variables\n";
}

void expect_nothing_leaked() {
  const std::string descriptors = home->read("descriptors");
  assert_true(contains(descriptors, "/dev/null"));
  assert_false(contains(descriptors, "leaked"));
  const std::string variables = "\n" + home->read("variables");
  for (const char* kept : {"\nPATH=/usr/local/bin:/usr/bin:/bin\n", "\nLC_TIME=C\n", "\nhttps_proxy=", "\nXDG_TEST=1\n",
                           "\nSMARTCMD_CONFIG="}) {
    assert_true(contains(variables, kept));
  }
  for (const char* dropped : {"\nLD_", "\nOPENSSL_", "\nSSL_CERT", "\nBASH_ENV", "\nUNKNOWN"}) {
    assert_false(contains(variables, dropped));
  }
}

void with_leaks_offered(const std::function<void()>& act) {
  const Variable variables[] = {
      {"LD_LIBRARY_PATH", "/nonexistent"},
      {"OPENSSL_CONF", "/nonexistent"},
      {"SSL_CERT_FILE", "/nonexistent"},
      {"BASH_ENV", "/nonexistent"},
      {"UNKNOWN", "1"},
      {"LC_TIME", "C"},
      {"https_proxy", "http://[::1]:1"},
      {"XDG_TEST", "1"},
  };
  std::vector<FileDescriptor> leaks;
  for (int i = 0; i < 20; ++i) leaks.emplace_back(open(home->file("leaked").c_str(), O_RDWR | O_CREAT, 0600));
  act();
  expect_nothing_leaked();
}

void agent_inherits_nothing_else(void**) {
  const auto script = home->file("agent");
  home->set_askpass(recording(script.parent_path().string()));
  setenv("SMARTCMD_AGENT", home->file("askpass").c_str(), 1);
  with_leaks_offered(
      [] { expect_error(Errc::agent_failed, [] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); }); });
  assert_true(contains(home->read("descriptors"), " 3 -> socket:"));
}

void askpass_inherits_nothing_else(void**) {
  home->set_askpass(recording(home->file("").parent_path().string()) + agreeing);
  with_leaks_offered([] { ask_agent(request_to(AgentRequest::Verb::sign, 1)); });
  assert_false(contains(home->read("descriptors"), "socket:"));
  const std::string variables = "\n" + home->read("variables");
  for (const char* told : {"\nSMARTCMD_ACCOUNT=joana\n", "\nSMARTCMD_LABEL=Joana Teste\n", "\nSMARTCMD_SERVICE=fake\n",
                           "\nSMARTCMD_PROGRAM=test\n", "\nSMARTCMD_DOCUMENTS=document 0.pdf\n",
                           "\nSMARTCMD_DIGESTS=", "\nSMARTCMD_PROCESS_ID=fake-process\n"}) {
    assert_true(contains(variables, told));
  }
  for (const char* secret : {"1234\n", "910000000"}) assert_false(contains(variables, secret));
}

}  // namespace

int main() {
  alarm(120);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(one_document_is_signed, set_up),
      cmocka_unit_test_setup(hundred_documents_are_signed, set_up),
      cmocka_unit_test_setup(pin_of_the_application_is_not_asked_again, set_up),
      cmocka_unit_test_setup(enrolment_with_pin_gives_the_chain, set_up),
      cmocka_unit_test_setup(missing_agent_is_named, set_up),
      cmocka_unit_test_setup(agent_that_dies_is_named, set_up),
      cmocka_unit_test_setup(errors_of_the_service_arrive, set_up),
      cmocka_unit_test_setup(spoilt_signatures_do_not_leave, set_up),
      cmocka_unit_test_setup(useless_requests_reach_no_service, set_up),
      cmocka_unit_test_setup(somebody_else_may_hold_the_agents_socket, set_up),
      cmocka_unit_test_setup(a_stuck_agent_is_given_up, set_up),
      cmocka_unit_test_setup(cancelled_thread_takes_agent_and_askpass_along, set_up),
      cmocka_unit_test_setup(killed_host_takes_agent_and_askpass_along, set_up),
      cmocka_unit_test_setup(hanging_service_is_given_up_with_the_host, set_up),
      cmocka_unit_test_setup(host_may_ignore_or_reap_children, set_up),
      cmocka_unit_test_setup(host_may_block_and_ignore_signals, set_up),
      cmocka_unit_test_setup(agent_has_its_signals, set_up),
      cmocka_unit_test_setup(host_may_have_closed_its_descriptors, set_up),
      cmocka_unit_test_setup(agent_inherits_nothing_else, set_up),
      cmocka_unit_test_setup(askpass_inherits_nothing_else, set_up),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
