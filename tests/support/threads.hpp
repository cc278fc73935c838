// A number of threads for the length of a scope.
#pragma once

#include <tapegrad/core/parallel.hpp>

namespace support {

class Threads {
public:
    explicit Threads(int n) : before_(tapegrad::num_threads()) { tapegrad::set_num_threads(n); }
    ~Threads() { tapegrad::set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_;
};

}
