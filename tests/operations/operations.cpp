#include "operations.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <tapegrad/io/safetensors.hpp>

#include "../support/check_grad.hpp"
#include "../support/exhaustion.hpp"

namespace support {

namespace {

using Doubles = Operation::Doubles;

const SafetensorsFile& golden_file(const std::string& family) {
    static std::vector<std::pair<std::string, std::unique_ptr<SafetensorsFile>>> files;
    for (const auto& [name, file] : files)
        if (name == family) return *file;
    files.emplace_back(family,
                       std::make_unique<SafetensorsFile>("tests/golden/table_" + family + ".safetensors"));
    return *files.back().second;
}

/// The float64 tensors prefix0, prefix1, ... of the file.
Doubles load_all(const SafetensorsFile& file, const std::string& prefix) {
    Doubles found;
    while (file.contains(prefix + std::to_string(found.size())))
        found.push_back(file.load<double>(prefix + std::to_string(found.size())));
    return found;
}

Tensor<float> to_float(const Tensor<double>& x) { return tapegrad::detail::cast<float>(x); }
std::vector<Tensor<float>> to_floats(const Doubles& x) {
    std::vector<Tensor<float>> y;
    for (const auto& t : x) y.push_back(to_float(t));
    return y;
}
/// What the floats of x are as doubles: both sides of a comparison then begin with the same numbers.
Doubles rounded(const Doubles& x) {
    Doubles y;
    for (const auto& t : x) y.push_back(tapegrad::detail::cast<double>(to_float(t)));
    return y;
}

/// Elements of x, in an order of their own, in a shape whose last axis is n: the domain of the operation
/// holds.
Doubles resized(const Doubles& x, int64_t n) {
    Doubles y;
    for (const auto& t : x) {
        Shape shape = t.shape();
        if (shape.rank() > 0) shape[shape.rank() - 1] = n;
        Tensor<double> v = empty<double>(shape);
        double* to = tapegrad::detail::output(v);
        for (int64_t i = 0; i < v.numel(); ++i) to[i] = t.data()[(i * 7 + i / 5) % t.numel()];
        y.push_back(v);
    }
    return y;
}

/// The result, or the message of its error: both types of element must agree on which.
template <class F, class X>
std::optional<Tensor<double>> outcome(const F& f, const X& x, std::string& error) {
    try {
        return f(x);
    } catch (const Error& e) {
        error = e.what();
        return {};
    }
}

bool has_nan(const Tensor<double>& x) {
    const Tensor<double> p = tapegrad::detail::contiguous(x);
    return std::any_of(p.data(), p.data() + p.numel(), [](double v) { return v != v; });
}

class Checker {
public:
    Checker(const Operation& row, const char* family) : row_(row), family_(family) {}

    void run() {
        for (int i = 0;; ++i) {
            const std::string prefix = row_.name + '/' + std::to_string(i) + '.';
            if (row_.options.inputs.empty() && !golden_file(family_).contains(prefix + "x0")) break;
            if (!row_.options.inputs.empty() && i == static_cast<int>(row_.options.inputs.size())) break;
            CAPTURE(prefix);
            const Doubles x = inputs_of(i, prefix);
            if (row_.options.inputs.empty()) golden(prefix, x);
            differences(x);
            single(x);
            if (row_.options.layouts) layouts(x);
            if (row_.options.nan) nan_everywhere(x);
            if (i == 0 && row_.options.sizes) sizes(x);
            if (i == 0) scarce(x);
            ++cases_;
        }
        CHECK_MESSAGE(cases_ > 0, "the golden file has no case of ", row_.name);
    }

private:
    Doubles inputs_of(int i, const std::string& prefix) const {
        if (row_.options.inputs.empty()) return load_all(golden_file(family_), prefix + "x");
        Doubles x;
        for (const Shape& shape : row_.options.inputs[static_cast<std::size_t>(i)])
            x.push_back(normal<double>(shape, 11 + x.size()));
        return x;
    }

    void golden(const std::string& prefix, const Doubles& x) {
        const SafetensorsFile& file = golden_file(family_);
        CHECK_MESSAGE(close(row_.f64(x), file.load<double>(prefix + "y"), row_.options.golden), "value");
        if (!file.contains(prefix + "dy")) return;
        Doubles leaves;
        for (const auto& t : x) leaves.push_back(tapegrad::detail::copy(t).requires_grad_());
        const Tensor<double> dy = file.load<double>(prefix + "dy");
        const Doubles d = grad(row_.f64(leaves), leaves, {}, dy);
        for (std::size_t k = 0; k < d.size(); ++k) {
            const std::string name = prefix + 'd' + std::to_string(k);
            if (file.contains(name))
                CHECK_MESSAGE(close(d[k], file.load<double>(name), row_.options.golden), "gradient ", k);
        }
    }

    void differences(const Doubles& x) {
        if (row_.options.order == 0) return;
        int64_t elements = 0;
        for (const auto& t : x) elements += t.numel();
        const GradcheckOptions options{.absolute = row_.options.difference,
                                       .relative = row_.options.difference};
        // Differences of the higher orders cost a gradient for each element.
        for (int order = 1; order <= (elements <= 24 ? row_.options.order : 1); ++order)
            CHECK_GRAD(row_.f64, x, order, options);
        Doubles spread_out;
        for (const auto& t : x) spread_out.push_back(spread(t));
        CHECK_GRAD(row_.f64, spread_out, 1, options);
    }

    void single(const Doubles& x) {
        const Doubles start = rounded(x);
        const double eps = static_cast<double>(std::numeric_limits<float>::epsilon());
        CHECK_MESSAGE(close(row_.f32(to_floats(start)), row_.f64(start), row_.options.single * eps), "float");
    }

    void layouts(const Doubles& x) {
        const Tensor<double> y = row_.f64(x);
        const Tensor<double> z = row_.f32(to_floats(x));
        for (std::size_t k = 0; k < x.size(); ++k) {
            Doubles other = x;
            other[k] = spread(x[k]);
            CHECK_MESSAGE(same_bits(row_.f64(other), y), "axes in reverse, apart: input ", k);
            auto floats = to_floats(x);
            floats[k] = spread(floats[k], 3);
            CHECK_MESSAGE(same_bits(row_.f32(floats), z), "floats with axes in reverse, apart: input ", k);
            other[k] = behind(x[k]);
            CHECK_MESSAGE(same_bits(row_.f64(other), y), "off the start of its memory: input ", k);
            if (x[k].rank() == 0) continue;
            const Tensor<double> repeated = broadcast(x[k]);
            other[k] = repeated;
            Doubles packed = x;
            packed[k] = tapegrad::detail::copy(repeated);
            CHECK_MESSAGE(same_bits(row_.f64(other), row_.f64(packed)),
                          "repeated along its first axis: input ", k);
        }
    }
    static Tensor<double> behind(const Tensor<double>& x) {
        Tensor<double> memory = full<double>({x.numel() + 3}, 5.0);
        Tensor<double> y = tapegrad::detail::view_of(memory, x.shape(), row_major(x.shape()), 3);
        tapegrad::detail::assign(y, x);
        return y;
    }
    static Tensor<double> broadcast(const Tensor<double>& x) {
        Strides strides = x.strides();
        if (x.shape()[0] > 0) strides[0] = 0;
        return tapegrad::detail::view_of(x, x.shape(), strides);
    }

    void nan_everywhere(const Doubles& x) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        for (std::size_t k = 0; k < x.size(); ++k)
            for (int64_t i = 0; i<x[k].numel(); i += x[k].numel()> 40 ? 3 : 1) {
                Doubles with = x;
                with[k] = tapegrad::detail::copy(x[k]);
                with[k].mutable_data()[i] = nan;
                const Tensor<double> y = row_.f64(with);
                CHECK_MESSAGE(has_nan(y), "NaN at ", i, " of input ", k, " is lost");
                CHECK_MESSAGE(same_nans(y, row_.f32(to_floats(with))), "NaN at ", i, " of input ", k,
                              ": other places with floats");
            }
    }
    static bool same_nans(const Tensor<double>& a, const Tensor<double>& b) {
        if (a.shape() != b.shape()) return false;
        const Tensor<double> p = tapegrad::detail::contiguous(a), q = tapegrad::detail::contiguous(b);
        for (int64_t i = 0; i < p.numel(); ++i)
            if ((p.data()[i] != p.data()[i]) != (q.data()[i] != q.data()[i])) return false;
        return true;
    }

    void sizes(const Doubles& x) {
        const int64_t W = simd::width<float>;
        const double eps = static_cast<double>(std::numeric_limits<float>::epsilon());
        for (const int64_t n : {int64_t{0}, int64_t{1}, int64_t{2}, W / 2 - 1, W / 2, W / 2 + 1, W - 1, W,
                                W + 1, 2 * W + 1, int64_t{130}}) {
            CAPTURE(n);
            const Doubles some = rounded(resized(x, n));
            std::string error, float_error;
            const auto y = outcome(row_.f64, some, error);
            const auto z = outcome(row_.f32, to_floats(some), float_error);
            CHECK(error == float_error);
            if (!y || !z) {
                CHECK_MESSAGE(n <= 2, error);  // some operations need an element or two
                continue;
            }
            CHECK_MESSAGE(close(*z, *y, row_.options.single * eps * (n > W ? 4 : 1)), "float");
            Doubles apart;
            for (const auto& t : some) apart.push_back(spread(t));
            if (row_.options.layouts) CHECK_MESSAGE(same_bits(row_.f64(apart), *y), "layout");
        }
    }

    /// Memory that ends at any allocation, of the pool or of operator new, leaves no leak and a tape that can be used.
    void scarce(const Doubles& x) {
        Doubles leaves;
        for (const auto& t : x) leaves.push_back(tapegrad::detail::copy(t).requires_grad_());
        const auto once = [&] {
            Doubles made{row_.f64(leaves)};
            if (row_.options.order > 0 && made[0].requires_grad())
                for (auto& d : grad(made[0], leaves, {}, full_like(made[0], 1.0)))
                    made.push_back(std::move(d));
            return made;
        };
        const Doubles expected = once();
        const int64_t ends = exhaust([&](const auto& run) {
            run(once);
            const Doubles made = once();
            bool same = made.size() == expected.size();
            for (std::size_t i = 0; same && i < made.size(); ++i) same = same_bits(made[i], expected[i]);
            CHECK_MESSAGE(same, "other numbers afterwards");
            for (const auto& leaf : leaves) CHECK_MESSAGE(!leaf.grad().defined(), "a gradient came up");
        });
        CHECK_MESSAGE(ends >= 3, "memory was never scarce");
    }

    const Operation& row_;
    const char* family_;
    int cases_ = 0;
};

}

void Operations::check() const {
    for (const Operation& row : rows_) {
        CAPTURE(row.name);
        try {
            Checker(row, family_).run();
        } catch (const std::exception& e) {
            FAIL_CHECK("threw " << std::string(e.what()));
        }
    }
}

template <class T>
Tensor<T> Operations::golden(const char* family, const std::string& name) {
    return golden_file(family).load<T>(name);
}
template Tensor<int64_t> Operations::golden<int64_t>(const char*, const std::string&);
template Tensor<bool> Operations::golden<bool>(const char*, const std::string&);
template Tensor<double> Operations::golden<double>(const char*, const std::string&);
template Tensor<float> Operations::golden<float>(const char*, const std::string&);

}
