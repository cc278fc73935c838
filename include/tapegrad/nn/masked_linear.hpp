// A linear layer that does not see all of its inputs from every output.
#pragma once

#include "../ops/masked_linear.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Which outputs see which inputs, by their degrees: those of a degree not above theirs, or below theirs.
enum class SeenDegrees { up_to_own, below_own };

/// 1 where output o sees input i, else 0.
///   mask_oi = [in_i <= out_o], or [in_i < out_o]
/// Shape    in (n,), out (m,) -> (m, n)
/// Throws   ShapeError: degrees that are no vector
/// Source   Germain et al., MADE, 2015, equations 8 and 9
template <Floating T>
Tensor<T> degree_mask(const Tensor<int64_t>& in, const Tensor<int64_t>& out, SeenDegrees seen) {
    if (in.rank() != 1 || out.rank() != 1)
        detail::fail<ShapeError>("degree_mask", "degrees of inputs ", in.shape(), " and of outputs ",
                                 out.shape(), ": each must be a vector");
    const Tensor<int64_t> i = detail::contiguous(in), o = detail::contiguous(out);
    Tensor<T> mask = empty<T>({o.numel(), i.numel()});
    T* to = detail::output(mask);
    const int64_t strict = seen == SeenDegrees::below_own ? 1 : 0;
    for (const int64_t* own = o.data(); own != o.data() + o.numel(); ++own)
        for (const int64_t* of = i.data(); of != i.data() + i.numel(); ++of)
            *to++ = *of + strict <= *own ? T(1) : T(0);
    return mask;
}

/// y = x (weight * mask)^T + bias
/// Shape    x (..., in) -> y (..., out); weight and mask (out, in), bias (out,) or undefined; degrees (out,), those of the
///          outputs where the mask was made of degrees
/// Numeric  begins as Linear. The keys are those of nflows
/// See      masked_linear, Made
template <Floating T = float>
struct MaskedLinear {
    Tensor<T> weight, bias;
    Buffer<T> mask;
    Buffer<int64_t> degrees;
    TAPEGRAD_FIELDS(weight, bias, mask, degrees);

    MaskedLinear() = default;
    /// Throws   ShapeError: the mask is no matrix
    MaskedLinear(Tensor<T> mask_, Generator& generator, LinearOptions options = {}) : mask(std::move(mask_)) {
        if (mask.rank() != 2)
            detail::fail<ShapeError>("MaskedLinear", "mask ", mask.shape(),
                                     " is no matrix: it must be (out, in)");
        weight = parameter(empty<T>(mask.shape()));
        detail::begin_linear(weight, bias, mask.size(0), options.bias, generator);
    }
    /// One whose outputs of the degrees `out` see the inputs of the degrees `in` so far.
    MaskedLinear(const Tensor<int64_t>& in, const Tensor<int64_t>& out, SeenDegrees seen,
                 Generator& generator, LinearOptions options = {})
        : MaskedLinear(degree_mask<T>(in, out, seen), generator, options) {
        degrees = detail::copy(out);
    }

    /// Writes other degrees, and their mask.
    /// Throws   ShapeError: another number of them; ValueError: the mask was not made of degrees
    void set_degrees(const Tensor<int64_t>& in, const Tensor<int64_t>& out, SeenDegrees seen) {
        if (!degrees.defined()) detail::fail<ValueError>("MaskedLinear", "the mask was not made of degrees");
        const Tensor<T> fresh = degree_mask<T>(in, out, seen);
        if (fresh.shape() != mask.shape())
            detail::fail<ShapeError>("MaskedLinear", "degrees for a mask ", fresh.shape(), "; it is ",
                                     mask.shape());
        detail::assign(mask, fresh);
        detail::assign(degrees, out);
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return masked_linear<T>(x, weight, mask, bias); }
    /// The same for who knows the degrees of the inputs, from which with `degrees` the mask was made: it is not read.
    Tensor<T> by_degrees(const Tensor<T>& x, const Tensor<int64_t>& in, SeenDegrees seen) const {
        if (seen == SeenDegrees::up_to_own) return degree_linear<T>(x, weight, in, degrees, bias);
        Tensor<int64_t> below = detail::copy(degrees);
        for (int64_t i = 0; i < below.numel(); ++i) --detail::output(below)[i];
        return degree_linear<T>(x, weight, in, below, bias);
    }
};

}
