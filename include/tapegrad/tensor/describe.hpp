// A tensor in one line: what one wants to know of it before its elements.
#pragma once

#include "print.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// f(offset) for every element, in row-major order.
template <class F>
void for_each_offset(const Body& x, const F& f) {
    Dims at = Dims::filled(x.shape.rank(), 0);
    int64_t offset = 0;
    for (int64_t i = 0; i < x.numel; ++i) {
        f(offset);
        for (int axis = x.shape.rank() - 1; axis >= 0; --axis) {
            offset += x.strides[axis];
            if (++at[axis] < x.shape[axis]) break;
            offset -= x.shape[axis] * x.strides[axis];
            at[axis] = 0;
        }
    }
}

}

/// Type, shape, strides, extremes, mean and what else may explain a surprise, in one line.
///   float32 (2, 3), strides (3, 1), contiguous, min -1, max 2.5, mean 0.75, 1 NaN, 0 Inf, requires grad
/// Numeric  min, max and mean are those of the finite elements, in six digits
inline std::string describe(const TensorBase& x) {
    if (!x.defined()) return "undefined";
    x.check_saved();
    const detail::Body& body = x.body();
    const bool floating = detail::is_floating(body.dtype);
    int64_t finite = 0, nan = 0;
    double low = 0, high = 0, total = 0;
    detail::for_each_offset(body, [&](int64_t offset) {
        const double v =
            floating ? detail::real_at(body, offset) : static_cast<double>(detail::integer_at(body, offset));
        nan += v != v ? 1 : 0;
        if (!(v - v == 0)) return;
        low = finite == 0 || v < low ? v : low;
        high = finite == 0 || v > high ? v : high;
        total += v;
        ++finite;
    });
    std::string out = detail::text(name(body.dtype), ' ', body.shape, ", strides ", body.strides,
                                   body.contiguous ? ", contiguous" : ", not contiguous");
    const auto number = [&out](const char* what, double v) {
        out += what + detail::number_text(v, std::chars_format::general, 6);
    };
    if (finite > 0) {
        number(", min ", low);
        number(", max ", high);
        number(", mean ", total / static_cast<double>(finite));
    } else {
        out += body.numel == 0 ? ", empty" : ", no finite element";
    }
    if (floating) out += detail::text(", ", nan, " NaN, ", body.numel - finite - nan, " Inf");
    if (x.requires_grad()) out += ", requires grad";
    return out;
}

}
