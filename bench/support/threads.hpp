// The number of threads that a benchmark runs on.
#pragma once

#include <tapegrad/core/parallel.hpp>

namespace support {

/// Sets the number of threads, and sets it back when it dies.
class Threads {
public:
    explicit Threads(int64_t n) { tapegrad::set_num_threads(static_cast<int>(n)); }
    ~Threads() { tapegrad::set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_ = tapegrad::num_threads();
};

}
