// Ctrl-C and a polite kill as something to ask for between two steps.
#pragma once

#include <csignal>

#include "../core/error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
inline volatile std::sig_atomic_t interrupt_signal = 0;
inline bool interrupt_guarded = false;
}

/// While it lives, SIGINT and SIGTERM end nothing: they are remembered. The second one ends the program as it
/// would have without.
///   Interrupt interrupt;
///   while (step < steps && !interrupt.requested()) ...
///   save();
class Interrupt {
public:
    /// Throws   Error: there is one already
    Interrupt() {
        if (detail::interrupt_guarded) detail::fail<Error>("interrupt", "there is one already");
        detail::interrupt_guarded = true;
        detail::interrupt_signal = 0;
        struct sigaction action {};
        action.sa_handler = [](int number) { detail::interrupt_signal = number; };
        // The handler is gone after the first signal; reads and writes that it stops go on.
        action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(SIGINT, &action, &before_int_);
        ::sigaction(SIGTERM, &action, &before_term_);
    }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt() {
        ::sigaction(SIGINT, &before_int_, nullptr);
        ::sigaction(SIGTERM, &before_term_, nullptr);
        detail::interrupt_guarded = false;
    }

    bool requested() const { return detail::interrupt_signal != 0; }
    /// The signal that came, 0 for none; a program ends with 128 + that.
    int signal() const { return static_cast<int>(detail::interrupt_signal); }

private:
    struct sigaction before_int_ {};
    struct sigaction before_term_ {};
};

}
