// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/batches.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <map>
#include <thread>

#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

Certificate signer_in(const std::string& chain) {
  return chain_in(std::filesystem::path(getenv("SMARTCMD_TEST_IDENTITY")) / chain).signer();
}

Certificate signer() {
  return signer_in("chain.pem");
}

Document document(unsigned n) {
  return {"document " + std::to_string(n), {Hash::sha256, Bytes(32, static_cast<unsigned char>(n))}};
}

// A "signature" that tells which document it belongs to.
std::vector<Signature> answers(const std::vector<Document>& documents) {
  std::vector<Signature> signatures;
  for (const Document& one : documents) signatures.push_back({one.digest.value, "process"});
  return signatures;
}

bool is_asleep(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(stat, text);
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && text[name_end + 2] == 'S';
}

// Threads that call sign() and, once asleep, wait in it.
class Callers {
 public:
  using Call = std::function<void(unsigned)>;

  void start(unsigned first, unsigned count, const Call& call) {
    for (unsigned n = first; n < first + count; ++n) {
      std::promise<pid_t> id;
      ids_.push_back(id.get_future().share());
      threads_.emplace_back([n, call, id = std::move(id)]() mutable {
        id.set_value(static_cast<pid_t>(syscall(SYS_gettid)));
        call(n);
      });
    }
  }

  void wait_until_asleep() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (const auto& id : ids_) {
      while (!is_asleep(id.get())) {
        if (std::chrono::steady_clock::now() > deadline) fail_msg("a thread did not come to wait");
        std::this_thread::yield();
      }
    }
  }

  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::shared_future<pid_t>> ids_;
  std::vector<std::thread> threads_;
};

void one_thread_signs_its_own(void**) {
  Batches batches;
  const auto signatures = batches.sign("joana", signer(), {document(1), document(2)}, SecureString("1234"), nullptr,
                                       [](const std::vector<Document>& documents, const SecureString& pin) {
                                         assert_true(pin.view() == "1234");
                                         return answers(documents);
                                       });
  assert_int_equal(signatures.size(), 2);
  assert_true(signatures[1].value == document(2).digest.value);
}

void a_hundred_threads_ask_twice(void**) {
  Batches batches;
  std::atomic<unsigned> asked{0};
  std::atomic<unsigned> right{0};
  Callers later;
  Batches::Ask ask;
  const Callers::Call call = [&](unsigned n) {
    const auto signatures = batches.sign("joana", signer(), {document(n)}, {}, nullptr, ask);
    if (signatures.size() == 1 && signatures[0].value == document(n).digest.value) ++right;
  };
  ask = [&](const std::vector<Document>& documents, const SecureString&) {
    if (asked++ == 0) {
      later.start(1, 99, call);
      later.wait_until_asleep();
    }
    return answers(documents);
  };
  call(0);
  later.join();
  assert_int_equal(asked, 2);
  assert_int_equal(right, 100);
}

void a_batch_has_at_most_a_hundred_documents(void**) {
  Batches batches;
  std::atomic<unsigned> largest{0};
  std::atomic<unsigned> asked{0};
  Callers later;
  Batches::Ask ask;
  const Callers::Call call = [&](unsigned n) {
    batches.sign("joana", signer(), std::vector<Document>(40, document(n)), {}, nullptr, ask);
  };
  ask = [&](const std::vector<Document>& documents, const SecureString&) {
    largest = std::max<unsigned>(largest, static_cast<unsigned>(documents.size()));
    if (asked++ == 0) {
      later.start(1, 4, call);
      later.wait_until_asleep();
    }
    return answers(documents);
  };
  call(0);
  later.join();
  assert_int_equal(largest, 80);
  assert_int_equal(asked, 3);
}

void accounts_do_not_wait_for_each_other(void**) {
  Batches batches;
  const Batches::Ask inner = [](const std::vector<Document>& documents, const SecureString&) {
    return answers(documents);
  };
  batches.sign("joana", signer(), {document(1)}, {}, nullptr,
               [&](const std::vector<Document>& documents, const SecureString&) {
                 std::thread other([&] { batches.sign("rui", signer(), {document(2)}, {}, nullptr, inner); });
                 other.join();
                 return answers(documents);
               });
}

void a_failure_is_told_to_the_whole_batch_and_no_further(void**) {
  Batches batches;
  std::atomic<unsigned> asked{0};
  std::atomic<unsigned> failed{0};
  Callers later;
  Batches::Ask ask;
  const Callers::Call call = [&](unsigned n) {
    try {
      batches.sign("joana", signer(), {document(n)}, {}, nullptr, ask);
    } catch (const Error& error) {
      if (error.code() == Errc::wrong_pin) ++failed;
    }
  };
  ask = [&](const std::vector<Document>& documents, const SecureString&) -> std::vector<Signature> {
    if (asked++ == 0) {
      later.start(1, 5, call);
      later.wait_until_asleep();
      return answers(documents);
    }
    throw Error(Errc::wrong_pin, "wrong");
  };
  call(0);
  later.join();
  assert_int_equal(failed, 5);
  ask = [&](const std::vector<Document>& documents, const SecureString&) { return answers(documents); };
  assert_int_equal(batches.sign("joana", signer(), {document(9)}, {}, nullptr, ask).size(), 1);
}

// Whichever of three that wait together it is
void a_cancelled_thread_leaves_its_batch(void**) {
  for (unsigned leaving = 1; leaving <= 3; ++leaving) {
    Batches batches;
    Cancellation cancellation;
    std::atomic<unsigned> asked{0};
    std::atomic<unsigned> cancelled{0};
    std::size_t second_size = 0;
    Callers later;
    Batches::Ask ask;
    const Callers::Call call = [&](unsigned n) {
      try {
        batches.sign("joana", signer(), {document(n)}, {}, n == leaving ? &cancellation : nullptr, ask);
      } catch (const Error& error) {
        if (error.code() == Errc::cancelled) cancelled += n;
      }
    };
    ask = [&](const std::vector<Document>& documents, const SecureString&) {
      if (asked++ > 0) {
        second_size = documents.size();
        return answers(documents);
      }
      for (unsigned n = 1; n <= 3; ++n) {
        later.start(n, 1, call);
        later.wait_until_asleep();
      }
      cancellation.cancel();
      while (cancelled == 0) std::this_thread::yield();
      return answers(documents);
    };
    call(0);
    later.join();
    assert_int_equal(cancelled, leaving);
    assert_int_equal(second_size, 2);
    assert_int_equal(asked, 2);
    expect_error(Errc::cancelled, [&] { batches.sign("joana", signer(), {document(5)}, {}, &cancellation, ask); });
  }
}

// One that leaves takes its PIN along.
void a_pin_serves_whom_it_was_given_by(void**) {
  Batches batches;
  Cancellation cancellation;
  std::atomic<bool> cancelled{false};
  std::string pin = "not asked";
  Callers later;
  Batches::Ask ask = [&](const std::vector<Document>& documents, const SecureString& given) {
    pin = given.view();
    return answers(documents);
  };
  const Callers::Call call = [&](unsigned n) {
    try {
      batches.sign("joana", signer(), {document(n)}, SecureString(n == 1 ? "1234" : ""),
                   n == 1 ? &cancellation : nullptr, ask);
    } catch (const Error&) {
      cancelled = true;
    }
  };
  batches.sign("joana", signer(), {document(0)}, {}, nullptr,
               [&](const std::vector<Document>& documents, const SecureString&) {
                 later.start(1, 2, call);
                 later.wait_until_asleep();
                 cancellation.cancel();
                 while (!cancelled) std::this_thread::yield();
                 return answers(documents);
               });
  later.join();
  assert_string_equal(pin.c_str(), "");
}

// What three threads bring while a first one asks, and what is asked then: the documents that came with each PIN.
std::map<std::string, std::size_t> asked_for(const std::vector<std::string>& pins) {
  Batches batches;
  std::map<std::string, std::size_t> asked;
  Callers later;
  const Batches::Ask ask = [&](const std::vector<Document>& documents, const SecureString& given) {
    asked[std::string(given.view())] += documents.size();
    if (given.view() == "0000") throw Error(Errc::wrong_pin, "wrong");
    return answers(documents);
  };
  std::atomic<unsigned> requests{0};
  const Batches::Ask count = [&](std::vector<Document> documents, SecureString given) {
    ++requests;
    return ask(std::move(documents), std::move(given));
  };
  std::atomic<unsigned> failed{0};
  batches.sign("joana", signer(), {document(99)}, {}, nullptr,
               [&](const std::vector<Document>& documents, const SecureString&) {
                 later.start(0, static_cast<unsigned>(pins.size()), [&](unsigned n) {
                   try {
                     const auto signatures =
                         batches.sign("joana", signer(), {document(n)}, SecureString(pins[n]), nullptr, count);
                     assert_true(signatures.at(0).value == document(n).digest.value);
                   } catch (const Error& error) {
                     if (error.code() == Errc::wrong_pin && pins[n] == "0000") ++failed;
                   }
                 });
                 later.wait_until_asleep();
                 return answers(documents);
               });
  later.join();
  assert_int_equal(requests, asked.size());
  assert_int_equal(failed, std::count(pins.begin(), pins.end(), "0000"));
  return asked;
}

using Asked = std::map<std::string, std::size_t>;

// A person who was to be asked is asked, whatever PIN somebody else gives.
void a_pin_signs_nobody_elses_documents(void**) {
  assert_true((asked_for({"", "1234"}) == Asked{{"", 1}, {"1234", 1}}));
  assert_true((asked_for({"1234", ""}) == Asked{{"", 1}, {"1234", 1}}));
  assert_true((asked_for({"1234", "", "1234", ""}) == Asked{{"", 2}, {"1234", 2}}));
  assert_true((asked_for({"1234", "12345"}) == Asked{{"1234", 1}, {"12345", 1}}));
}

void a_wrong_pin_costs_only_its_own(void**) {
  assert_true((asked_for({"0000", "1234", "", "0000", "1234"}) == Asked{{"", 1}, {"0000", 2}, {"1234", 2}}));
}

// Between the first thread and those that follow the service has renewed the certificate.
void certificates_are_not_mixed(void**) {
  Batches batches;
  const Certificate old_signer = signer(), new_signer = signer_in("renewed-chain.pem");
  std::map<std::string, std::size_t> asked;
  Callers later;
  batches.sign("joana", old_signer, {document(9)}, {}, nullptr,
               [&](const std::vector<Document>& first, const SecureString&) {
                 later.start(0, 4, [&](unsigned n) {
                   const bool old = n % 2 == 0;
                   batches.sign("joana", old ? old_signer : new_signer, {document(n)}, {}, nullptr,
                                [&, old](const std::vector<Document>& documents, const SecureString&) {
                                  asked[old ? "old" : "new"] += documents.size();
                                  return answers(documents);
                                });
                 });
                 later.wait_until_asleep();
                 return answers(first);
               });
  later.join();
  assert_true((asked == Asked{{"new", 2}, {"old", 2}}));
}

// The one that has a turn leaves, alone in its batch: the next batch has it then.
void a_turn_goes_on_to_the_next(void**) {
  Batches batches;
  Cancellation cancellation;
  std::atomic<unsigned> answered{0};
  Callers later;
  const Batches::Ask ask = [&](const std::vector<Document>& documents, const SecureString&) {
    return answers(documents);
  };
  batches.sign("joana", signer(), {document(0)}, {}, nullptr,
               [&](const std::vector<Document>& documents, const SecureString&) {
                 for (unsigned n = 1; n <= 3; ++n) {
                   later.start(n, 1, [&](unsigned who) {
                     try {
                       batches.sign("joana", signer(), {document(who)}, SecureString(std::to_string(1000 + who)),
                                    who == 1 ? &cancellation : nullptr, ask);
                       answered += who;
                     } catch (const Error&) {
                       answered += 10;
                     }
                   });
                   later.wait_until_asleep();
                 }
                 cancellation.cancel();
                 return answers(documents);
               });
  later.join();
  assert_int_equal(answered, 10 + 2 + 3);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(one_thread_signs_its_own),
      cmocka_unit_test(a_hundred_threads_ask_twice),
      cmocka_unit_test(a_batch_has_at_most_a_hundred_documents),
      cmocka_unit_test(accounts_do_not_wait_for_each_other),
      cmocka_unit_test(a_failure_is_told_to_the_whole_batch_and_no_further),
      cmocka_unit_test(a_cancelled_thread_leaves_its_batch),
      cmocka_unit_test(a_pin_serves_whom_it_was_given_by),
      cmocka_unit_test(a_pin_signs_nobody_elses_documents),
      cmocka_unit_test(a_wrong_pin_costs_only_its_own),
      cmocka_unit_test(certificates_are_not_mixed),
      cmocka_unit_test(a_turn_goes_on_to_the_next),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
