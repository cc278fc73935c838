// Whether operations on this thread are recorded, and whether they are watched for NaN and Inf.
#pragma once

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
inline constinit thread_local bool grad_mode = true;
inline constinit thread_local bool anomaly_mode = false;
// Somebody looks at every result: anomaly_mode, or a watcher (watch.hpp).
inline constinit thread_local bool watched = false;

/// Sets a flag and puts its old value back.
class FlagScope {
public:
    FlagScope(bool& flag, bool value) : flag_(flag), before_(flag) { flag_ = value; }
    ~FlagScope() { flag_ = before_; }
    FlagScope(const FlagScope&) = delete;
    FlagScope& operator=(const FlagScope&) = delete;

private:
    bool& flag_;
    bool before_;
};
}

/// True when operations on this thread are recorded.
inline bool grad_enabled() { return detail::grad_mode; }

/// While it lives, operations on this thread are not recorded.
class [[nodiscard]] no_grad : detail::FlagScope {
public:
    no_grad() : FlagScope(detail::grad_mode, false) {}
};

/// While it lives, operations on this thread are recorded, also inside a no_grad.
class [[nodiscard]] enable_grad : detail::FlagScope {
public:
    enable_grad() : FlagScope(detail::grad_mode, true) {}
};

/// While it lives, an operation of this thread whose output or gradient has a NaN or an Inf throws an
/// AutogradError that names it. Costs a pass over every result: for debugging.
class [[nodiscard]] detect_anomaly : detail::FlagScope {
public:
    detect_anomaly() : FlagScope(detail::anomaly_mode, true), watched_(detail::watched, true) {}

private:
    detail::FlagScope watched_;
};

}
