// The root that inverses of flows of one tanh need, found for all events at once.
#pragma once

#include <limits>

#include "../ops/elementwise.hpp"
#include "../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// a of a + scale tanh(slope a + offset) = y, where scale slope > -1 makes the left side rise.
/// Shape    y, scale, slope, offset broadcast together -> a
/// Grad     by all four, to the third order: two steps of Newton from the root are recorded
/// Numeric  Newton within brackets, halved where a step of Newton leaves them or is not half the last one; the error is that of the left side
///          divided by its slope
template <class T>
Tensor<T> tanh_root(const Tensor<T>& y, const Tensor<T>& scale, const Tensor<T>& slope,
                    const Tensor<T>& offset) {
    struct Newton {
        Tensor<T> miss, next;
    };
    const auto newton = [](const Tensor<T>& a, const Tensor<T>& to, const Tensor<T>& s, const Tensor<T>& k,
                           const Tensor<T>& c) {
        const Tensor<T> bend = tanh(k * a + c), miss = a + s * bend - to;
        return Newton{miss, a - miss / (T(1) + s * k * (T(1) - bend * bend))};
    };
    Tensor<T> a;
    {
        const no_grad values;
        const Tensor<T> to = y.detach(), s = scale.detach(), k = slope.detach(), c = offset.detach();
        a = to + T(0) * (s * k + c);
        Tensor<T> low = a - abs(s), high = a + abs(s), last = high - low;
        for (int i = 0; i < 200 && a.numel() > 0; ++i) {
            const Newton at = newton(a, to, s, k, c);
            low = where(at.miss <= T(0), a, low);
            high = where(at.miss >= T(0), a, high);
            const Tensor<T> step = abs(at.next - a), middle = (low + high) / 2;
            const Tensor<T> inside = where(at.next >= low, where(at.next <= high, at.next, middle), middle);
            const Tensor<T> other = where(step * T(2) <= last, inside, middle);
            const Tensor<T> next =
                where(step <= (T(1) + abs(a)) * std::numeric_limits<T>::epsilon(), a, other);
            last = abs(next - a);
            a = next;
            if (amax(where(last > T(0), last, T(0))).item() == T(0)) break;  // a NaN waits for nothing
        }
    }
    for (int i = 0; i < 2; ++i) a = newton(a, y, scale, slope, offset).next;
    return a;
}

}
