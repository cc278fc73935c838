// The progress line of a training program.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <unistd.h>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// "1:05", "2:03:04".
inline std::string clock_text(double seconds) {
    const auto total = static_cast<long long>(seconds + 0.5);
    char text[32];
    if (total < 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld", total / 60, total % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", total / 3600, total / 60 % 60, total % 60);
    return text;
}

/// Writes to standard error, or where it is told: a line that is rewritten in place on a terminal, and plain
/// lines, fewer, elsewhere.
///   step 400/2000  train 2.1034  val 2.1510  31.2k tok/s  142 GFLOP/s  ETA 0:38
class Progress {
public:
    /// `tokens` and `flop` are those of one step; 0 leaves their rates out. Off a terminal a line comes every
    /// `every` steps.
    Progress(int64_t steps, double tokens = 0, double flop = 0, int64_t every = 100, std::FILE* to = stderr)
        : steps_(steps),
          tokens_(tokens),
          flop_(flop),
          every_(every > 0 ? every : 1),
          to_(to),
          terminal_(isatty(fileno(to)) == 1) {}

    void validation(double loss) { validation_ = loss; }

    /// Step `step` (counted from 1) is done, with this loss. The loss shown is a running mean.
    void step(int64_t step, double loss) {
        const auto now = Clock::now();
        if (done_ == 0) first_ = now;
        const double keep = done_ < 50 ? static_cast<double>(done_) / static_cast<double>(done_ + 1) : 0.98;
        mean_ = keep * mean_ + (1 - keep) * loss;
        ++done_;
        const bool due = terminal_ ? seconds(now - shown_) > 0.1 : step % every_ == 0;
        if (!due && step != steps_) return;
        shown_ = now;
        // The first step pays for caches and threads that do not exist yet.
        const double each = done_ > 1 ? seconds(now - first_) / static_cast<double>(done_ - 1) : 0;
        show(step, each);
    }

private:
    using Clock = std::chrono::steady_clock;
    static double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

    void show(int64_t step, double each) const {
        char text[256];
        int n = std::snprintf(text, sizeof text, "step %lld/%lld  train %.4f", static_cast<long long>(step),
                              static_cast<long long>(steps_), mean_);
        const auto add = [&](const char* format, auto... values) {
            n += std::snprintf(text + n, sizeof text - static_cast<std::size_t>(n), format, values...);
        };
        if (validation_ > 0) add("  val %.4f", validation_);
        if (each > 0) {
            if (tokens_ > 0) add("  %.1fk tok/s", tokens_ / each / 1e3);
            if (flop_ > 0) add("  %.0f GFLOP/s", flop_ / each / 1e9);
            add("  ETA %s", clock_text(each * static_cast<double>(steps_ - step)).c_str());
        }
        std::fprintf(to_, terminal_ ? "\r\033[K%s%s" : "%s%s", text, terminal_ && step != steps_ ? "" : "\n");
        std::fflush(to_);
    }

    int64_t steps_;
    double tokens_, flop_;
    int64_t every_;
    std::FILE* to_;
    bool terminal_;
    int64_t done_ = 0;
    double mean_ = 0, validation_ = 0;
    Clock::time_point first_{}, shown_{};
};

}
