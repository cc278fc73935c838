// Who looks at every operation of a thread: a profiler, or the search for NaN. Nobody does as a rule, and then
// an operation pays for one test of one flag.
#pragma once

#include <span>

#include "../tensor/tensor.hpp"
#include "grad_mode.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// An input of an operation, of any element type; undefined ones are skipped.
struct Input {
    const TensorBase* tensor;
    Input(const TensorBase& t) : tensor(&t) {}
};

class Watcher {
public:
    /// An operation has its result. Elementwise ones do not tell their inputs.
    virtual void done(const char* name, const TensorBase& y, std::span<const Input> inputs) = 0;
    /// The backward of an operation begins, with the gradient of its result, and ends.
    virtual void backward_begins(const char* name, const TensorBase& dy) = 0;
    virtual void backward_ends() = 0;

protected:
    ~Watcher() = default;
};
inline constinit thread_local Watcher* watcher = nullptr;

/// Tells the watcher of one backward, if there is one.
class WatchedBackward {
public:
    WatchedBackward(Watcher* watching, const char* name, const TensorBase& dy) : watcher_(watching) {
        if (watcher_ != nullptr) watcher_->backward_begins(name, dy);
    }
    WatchedBackward(const WatchedBackward&) = delete;
    WatchedBackward& operator=(const WatchedBackward&) = delete;
    ~WatchedBackward() {
        if (watcher_ != nullptr) watcher_->backward_ends();
    }

private:
    Watcher* watcher_;
};

}
