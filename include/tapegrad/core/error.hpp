// Errors and how their messages are made. A message names the operation first, then the arguments, then what
// differs, then the likely fix: `matmul: a (2, 3) and b (4, 5) do not multiply: inner sizes 3 and 4 differ`.
// Checks are always on. They throw through cold functions, so that a check costs its caller one compare.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Base of everything that the library throws.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// Shapes, ranks or axes that do not fit.
struct ShapeError : Error {
    using Error::Error;
};
/// An index outside the range it indexes.
struct IndexError : Error {
    using Error::Error;
};
/// An element type that the operation does not take.
struct DtypeError : Error {
    using Error::Error;
};
/// A value outside the domain of an argument (a probability of 2, a negative size).
struct ValueError : Error {
    using Error::Error;
};
/// A gradient that cannot be had: no graph, freed graph, overwritten value, no derivative.
struct AutogradError : Error {
    using Error::Error;
};
/// A file that cannot be read or written, or whose content is wrong.
struct IoError : Error {
    using Error::Error;
};

namespace detail {

inline void append(std::string& out, std::string_view part) { out += part; }
inline void append(std::string& out, char part) { out += part; }
template <class N>
    requires std::is_arithmetic_v<N>
void append(std::string& out, N part) {
    if constexpr (std::is_floating_point_v<N>) {
        // std::to_string prints six decimals: cut what says nothing.
        std::string digits = std::to_string(part);
        if (digits.find('.') != std::string::npos) {
            digits.erase(digits.find_last_not_of('0') + 1);
            if (digits.back() == '.') digits.pop_back();
        }
        out += digits;
    } else {
        out += std::to_string(part);
    }
}
template <class P>
    requires requires(const P& part) { { part.to_string() } -> std::convertible_to<std::string>; }
void append(std::string& out, const P& part) { out += part.to_string(); }

/// The parts as one text; takes strings, numbers and anything with `to_string()`.
template <class... Parts>
[[gnu::cold, gnu::noinline]] std::string text(const Parts&... parts) {
    std::string out;
    (append(out, parts), ...);
    return out;
}

/// Throws an `E` whose message is `op: ` and the parts.
template <class E, class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void fail(std::string_view op, const Parts&... parts) {
    throw E(text(op, ": ", parts...));
}

}
}
