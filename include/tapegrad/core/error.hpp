// Errors and how their messages are made. A message names the operation first, then the arguments, then what
// differs, then the likely fix: `matmul: a (2, 3) and b (4, 5) do not multiply: inner sizes 3 and 4 differ`.
// Checks are always on. They throw through cold functions, so that a check costs its caller one compare.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
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

/// A part of a message: a text, a number, or anything with `to_string()`, told apart at run time. What builds
/// the text is then compiled once, not for every list of types.
class Part {
public:
    Part(std::string_view text) : append_(&append_text), text_(text) {}
    Part(const char* text) : Part(std::string_view(text)) {}
    Part(const std::string& text) : Part(std::string_view(text)) {}
    Part(char c) : append_(&append_character) { value_.whole = c; }
    template <std::integral N>
    Part(N n) : append_(std::is_signed_v<N> ? &append_whole : &append_natural) {
        value_.whole = static_cast<long long>(n);
    }
    template <std::same_as<float> N>
    Part(N n) : append_(&append_real<&Value::single>) {
        value_.single = n;
    }
    template <std::same_as<double> N>
    Part(N n) : append_(&append_real<&Value::real>) {
        value_.real = n;
    }
    template <class P>
    requires requires(const P& part) {
        { part.to_string() } -> std::convertible_to<std::string>;
    }
    Part(const P& part)
        : append_([](std::string& out, const Part& p) {
              out += static_cast<const P*>(p.value_.object)->to_string();
          }) {
        value_.object = &part;
    }

    void append_to(std::string& out) const { append_(out, *this); }

private:
    union Value {
        long long whole;
        float single;
        double real;
        const void* object;
    };

    static void append_text(std::string& out, const Part& p) { out += p.text_; }
    static void append_character(std::string& out, const Part& p) {
        out += static_cast<char>(p.value_.whole);
    }
    static void append_whole(std::string& out, const Part& p) { out += std::to_string(p.value_.whole); }
    static void append_natural(std::string& out, const Part& p) {
        out += std::to_string(static_cast<unsigned long long>(p.value_.whole));
    }
    template <auto Member>
    static void append_real(std::string& out, const Part& p) {  // the shortest that reads back as this number
        char digits[32];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, p.value_.*Member).ptr);
    }

    void (*append_)(std::string&, const Part&);
    std::string_view text_;
    Value value_{};
};

[[gnu::cold, gnu::noinline]] inline std::string join(const Part* parts, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) parts[i].append_to(out);
    return out;
}

/// The parts as one text; takes strings, numbers and anything with `to_string()`.
template <class... Parts>
[[gnu::cold, gnu::noinline]] std::string text(const Parts&... parts) {
    const std::array<Part, sizeof...(Parts)> list{Part(parts)...};
    return join(list.data(), list.size());
}

template <class E>
[[noreturn, gnu::cold, gnu::noinline]] void fail_joined(const Part* parts, std::size_t count) {
    throw E(join(parts, count));
}

/// Throws an `E` whose message is `op: ` and the parts.
template <class E, class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void fail(std::string_view op, const Parts&... parts) {
    const Part list[] = {Part(op), Part(": "), Part(parts)...};
    fail_joined<E>(list, sizeof...(Parts) + 2);
}

}
}
