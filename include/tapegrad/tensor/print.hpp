// Tensors as text, exactly as PyTorch 2 prints them, whatever the locale.
//
// Nothing here depends on the element type at compile time: printing costs its user one function, not one for
// each type.
#pragma once

#include <charconv>
#include <ostream>

#include "tensor.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// As torch.set_printoptions.
struct PrintOptions {
    int precision = 4;         // digits behind the point
    int64_t threshold = 1000;  // a tensor of more elements is summarised
    int64_t edge_items = 3;    // elements and rows that a summary shows at each end
    int64_t line_width = 80;
};

namespace detail {

constexpr bool is_floating(DType dtype) {
    return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::bfloat16 ||
           dtype == DType::float16;
}
/// The element `offset` elements behind the first, of a floating type.
inline double real_at(const Body& x, int64_t offset) {
    switch (x.dtype) {
        case DType::float32:
            return static_cast<double>(static_cast<const float*>(x.data)[offset]);
        case DType::float64:
            return static_cast<const double*>(x.data)[offset];
        case DType::bfloat16:
            return static_cast<double>(static_cast<float>(static_cast<const bfloat16*>(x.data)[offset]));
        default:
            return static_cast<double>(static_cast<float>(static_cast<const float16*>(x.data)[offset]));
    }
}
/// The element `offset` elements behind the first, of another type.
inline int64_t integer_at(const Body& x, int64_t offset) {
    switch (x.dtype) {
        case DType::int64:
            return static_cast<const int64_t*>(x.data)[offset];
        case DType::int32:
            return static_cast<const int32_t*>(x.data)[offset];
        case DType::uint8:
            return static_cast<const uint8_t*>(x.data)[offset];
        default:
            return static_cast<const bool*>(x.data)[offset] ? 1 : 0;
    }
}

inline std::string number_text(double value, std::chars_format format, int precision) {
    if (value != value) return "nan";
    char digits[512];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, format, precision).ptr;
    return {digits, end};
}

class Printer {
public:
    Printer(const Body& x, const PrintOptions& options)
        : x_(x), options_(options), summarized_(x.numel > options.threshold) {
        choose_format();
    }

    std::string text(bool requires_grad) const {
        std::string out = "tensor(";
        if (x_.numel == 0)
            out += "[]";
        else
            print(out, 0, 0, indent);
        const auto line = static_cast<int64_t>(out.size() - (out.rfind('\n') + 1));
        int64_t used = line + 2;  // as PyTorch counts
        const auto suffix = [&](const std::string& part) {
            const auto length = static_cast<int64_t>(part.size());
            const bool fits = used + length + 2 <= options_.line_width;
            out += fits ? ", " : ",\n" + std::string(indent, ' ');
            used = fits ? used + length + 2 : static_cast<int64_t>(indent) + length;
            out += part;
        };
        const bool usual = x_.dtype == DType::float32 ||
                           (x_.numel > 0 && (x_.dtype == DType::int64 || x_.dtype == DType::boolean));
        if (x_.numel == 0 && x_.shape.rank() != 1) suffix("size=" + x_.shape.to_string());
        if (!usual) suffix(std::string("dtype=torch.") + name(x_.dtype));
        if (requires_grad) suffix("requires_grad=True");
        return out + ')';
    }

private:
    enum class Format { integer, whole, fixed, scientific };
    static constexpr std::size_t indent = 7;  // of "tensor("

    bool cut(int axis) const { return summarized_ && x_.shape[axis] > 2 * options_.edge_items; }

    /// f(offset) for the elements that are shown.
    template <class F>
    void for_shown(int axis, int64_t offset, const F& f) const {
        if (axis == x_.shape.rank()) return f(offset);
        const int64_t n = x_.shape[axis];
        for (int64_t i = 0; i < n; ++i) {
            if (cut(axis) && i == options_.edge_items) i = n - options_.edge_items;
            if (i < n) for_shown(axis + 1, offset + i * x_.strides[axis], f);
        }
    }

    /// One format for all elements, from the finite ones that are not 0.
    void choose_format() {
        if (x_.numel == 0) return;
        if (!is_floating(x_.dtype)) {
            for_shown(0, 0, [this](int64_t offset) { widen(element(offset)); });
            return;
        }
        format_ = Format::whole;
        double low = 0, high = 0;
        const auto for_numbers = [this](const auto& f) {
            for_shown(0, 0, [&](int64_t offset) {
                const double v = real_at(x_, offset);
                if (v - v == 0 && v != 0) f(offset, v < 0 ? -v : v);
            });
        };
        for_numbers([&](int64_t, double v) {
            low = low == 0 || v < low ? v : low;
            high = v > high ? v : high;
            // From 2^53 on every double is whole, and the conversion would overflow.
            if (v < 0x1p53 && static_cast<double>(static_cast<int64_t>(v)) != v) format_ = Format::fixed;
        });
        if (low == 0) return;
        if (high / low > 1000 || high > 1e8 || (format_ == Format::fixed && low < 1e-4))
            format_ = Format::scientific;
        for_numbers([this](int64_t offset, double) { widen(element(offset)); });
    }
    void widen(const std::string& element) { width_ = element.size() > width_ ? element.size() : width_; }

    std::string element(int64_t offset) const {
        if (format_ == Format::integer) {
            const int64_t v = integer_at(x_, offset);
            return x_.dtype == DType::boolean ? (v != 0 ? "True" : "False") : std::to_string(v);
        }
        const double v = real_at(x_, offset);
        if (format_ == Format::scientific)
            return number_text(v, std::chars_format::scientific, options_.precision);
        if (format_ == Format::fixed) return number_text(v, std::chars_format::fixed, options_.precision);
        return number_text(v, std::chars_format::fixed, 0) + (v - v == 0 ? "." : "");
    }
    void print_element(std::string& out, int64_t offset) const {
        const std::string text = element(offset);
        if (text.size() < width_) out.append(width_ - text.size(), ' ');
        out += text;
    }

    void print(std::string& out, int axis, int64_t offset, std::size_t column) const {
        if (axis == x_.shape.rank()) return print_element(out, offset);
        const int64_t n = x_.shape[axis], inside = x_.shape.rank() - 1 - axis;
        const int64_t room =
            (options_.line_width - static_cast<int64_t>(column)) / static_cast<int64_t>(width_ + 2);
        const int64_t per_line = room > 1 ? room : 1;
        out += '[';
        int64_t item = 0;
        const auto separate = [&] {
            if (item++ == 0) return;
            out += ',';
            if (inside > 0)
                out.append(static_cast<std::size_t>(inside), '\n').append(column + 1, ' ');
            else if ((item - 1) % per_line == 0)
                out.append("\n").append(column + 1, ' ');
            else
                out += ' ';
        };
        for (int64_t i = 0; i < n; ++i) {
            if (cut(axis) && i == options_.edge_items) {
                separate();
                out += inside > 0 ? "..." : " ...";
                i = n - options_.edge_items;
                if (i == n) break;
            }
            separate();
            print(out, axis + 1, offset + i * x_.strides[axis], column + 1);
        }
        out += ']';
    }

    const Body& x_;
    const PrintOptions& options_;
    bool summarized_;
    Format format_ = Format::integer;
    std::size_t width_ = 1;
};

}

/// The tensor as PyTorch prints it; one that requires a gradient says so, also where PyTorch names its
/// function.
inline std::string to_string(const TensorBase& x, const PrintOptions& options = {}) {
    if (!x.defined()) return "tensor(undefined)";
    x.check_saved();
    return detail::Printer(x.body(), options).text(x.requires_grad());
}

inline std::ostream& operator<<(std::ostream& out, const TensorBase& x) { return out << to_string(x); }

}
