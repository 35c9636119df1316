// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/watch.h"

#include <errno.h>
#include <sys/signalfd.h>

#include "agent/prompt_text.h"
#include "base/error.h"
#include "base/signals.h"
#include "base/text.h"

namespace smartcmd {

namespace {

using Clock = std::chrono::steady_clock;

// Those that end the question, and SIGCHLD. A Ctrl-C at a question is an answer to it, even where the programs ignore
// it. The end of the terminal is none where they are to outlive it.
sigset_t watched_signals() {
  return unless_nohup(signal_set({SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD}));
}

// The others are only held back until the terminal is in order again.
sigset_t held_signals() {
  sigset_t signals = watched_signals();
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

bool is_host_gone(int host) {
  pollfd descriptor{host, POLLIN | POLLRDHUP, 0};
  return poll(&descriptor, 1, 0) != 0;
}

void require_host(int host) {
  if (is_host_gone(host)) {
    throw Error(Errc::cancelled, _("The program that asked has ended or cancelled. Nothing was signed."));
  }
}

Watch::Watch(int host, std::chrono::seconds timeout)
    : host_(host),
      deadline_(Clock::now() + timeout),
      held_(held_signals()),
      signals_(signal_descriptor(watched_signals())) {
  if (!signals_) throw Error(Errc::internal, _("smartcmd-agent cannot wait for signals."));
}

// The time also ends for a descriptor that is always ready.
bool Watch::poll_until_deadline(pollfd* descriptors, nfds_t count) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return false;
    const int ready = poll(descriptors, count, static_cast<int>(left));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

Watch::Event Watch::wait(int descriptor, short events) {
  pollfd descriptors[] = {{host_, POLLIN | POLLRDHUP, 0}, {signals_.get(), POLLIN, 0}, {descriptor, events, 0}};
  if (!poll_until_deadline(descriptors, std::size(descriptors))) throw time_over();
  if (descriptors[0].revents != 0) require_host(host_);
  signalfd_siginfo signal{};
  if (descriptors[1].revents != 0 && read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo != SIGCHLD) {
      throw Error(Errc::cancelled, _("A signal ended the question. Nothing was signed."));
    }
    return Event::child;
  }
  return Event::ready;
}

}  // namespace smartcmd
