// PixelCNN++: mixtures of logistic distributions over the levels of grey or coloured pictures.
#pragma once

#include "../distributions/discretized_logistic.hpp"
#include "../ops/indexing.hpp"
#include "../ops/softmax.hpp"
#include "gated_pixels.hpp"
#include "image.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct PixelCnnPlusPlusOptions {
    int64_t colours = 1;  // 1: grey, 3: red, green and blue
    int64_t mixtures = 5;
    LevelOptions levels = {};  // those of the pixels: 256 from -1 to 1
    GatedPixelsOptions net = {};
};

/// log p(x) = sum over pixels of log sum_m w_m prod over colours of P(level; mu_m, s_m), in nats; mu of green moves with red,
/// and that of blue with both
/// Shape    x (B, colours, height, width), of levels
/// Numeric  log s counts as at least -7. The outputs come from the gated stacks at one resolution, not from the paper's
///          network, which halves and doubles it
/// Source   Salimans et al., PixelCNN++, 2017
template <Floating T = float>
struct PixelCnnPlusPlus {
    GatedPixels<T> net;
    PixelCnnPlusPlusOptions options;
    TAPEGRAD_FIELDS(net, options);

    PixelCnnPlusPlus() = default;
    /// Throws   as GatedPixels; ValueError: neither 1 nor 3 colours, no mixture
    PixelCnnPlusPlus(const PixelCnnPlusPlusOptions& o, Generator& generator) : options(o) {
        if (o.colours != 1 && o.colours != 3)
            detail::fail<ValueError>("PixelCnnPlusPlus", o.colours, " colours; there must be 1 or 3");
        if (o.mixtures < 1)
            detail::fail<ValueError>("PixelCnnPlusPlus", o.mixtures, " mixtures; there must be one or more");
        // Beside weights, means and scales the three ways from one colour to another.
        net = GatedPixels<T>(o.colours, o.mixtures * (o.colours == 1 ? 3 : 10), o.net, generator);
    }

    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const {
        const Tensor<T> out = net(x);
        Tensor<T> each = part(out, 0);  // scores (B, M, height, width)
        const Tensor<T> total = logsumexp(each, {1});
        for (int64_t c = 0; c < options.colours; ++c)
            each = each + logistic(out, x, c).log_prob(slice(x, 1, c, c + 1));
        return sum(flatten(logsumexp(each, {1}) - total, 1), {-1});
    }

    /// Draws (n, colours, height, width).
    Tensor<T> sample(int64_t n, int64_t height, int64_t width, Generator& generator) const {
        return inpaint(zeros<T>({n, options.colours, height, width}), zeros<bool>({height, width}),
                       generator);
    }
    /// Draws what is not known, given what of it lies before.
    /// Shape    x (n, colours, height, width), known (height, width) or (n, height, width) -> as x
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const Tensor<bool> given = detail::known_pixels("PixelCnnPlusPlus", x, known, options.colours);
        return detail::fill_pixels(x, given, [&](const Tensor<T>& y, int64_t i, int64_t j) {
            const Tensor<T> whole = net(slice(y, 2, 0, i + 1));
            const Tensor<T> out = slice(slice(whole, 2, i, i + 1), 3, j, j + 1);  // (n, outputs, 1, 1)
            const Tensor<T> weights = softmax(flatten(part(out, 0), 1), -1);
            const Tensor<int64_t> which =
                reshape(multinomial(weights, 1, true, generator), {x.size(0), 1, 1, 1});
            Tensor<T> pixel;  // (n, colours so far, 1, 1)
            for (int64_t c = 0; c < options.colours; ++c) {
                const DiscretizedLogistic<T> d = logistic(out, pixel, c);
                const DiscretizedLogistic<T> chosen(gather(d.base.loc, 1, which),
                                                    gather(d.base.scale, 1, which), options.levels);
                const Tensor<T> level = chosen.sample({}, generator);
                pixel = c == 0 ? level : cat({pixel, level}, 1);
            }
            return flatten(pixel, 1);
        });
    }

private:
    /// Outputs from k times the number of mixtures on: 0 weights, then means, scales and the ways between colours.
    Tensor<T> part(const Tensor<T>& out, int64_t k) const {
        return slice(out, 1, k * options.mixtures, (k + 1) * options.mixtures);
    }
    /// The components of a colour, given the colours before it.
    DiscretizedLogistic<T> logistic(const Tensor<T>& out, const Tensor<T>& x, int64_t colour) const {
        const int64_t n = options.colours;
        Tensor<T> mean_of = part(out, 1 + colour);
        const auto moved_by = [&](int64_t way, int64_t other) {
            mean_of = mean_of + tanh(part(out, 1 + 2 * n + way)) * slice(x, 1, other, other + 1);
        };
        if (colour >= 1) moved_by(colour - 1, 0);  // red to green, red to blue
        if (colour == 2) moved_by(2, 1);           // green to blue
        const Tensor<T> log_scale = maximum(part(out, 1 + n + colour), Tensor<T>(T(-7)));
        return DiscretizedLogistic<T>(mean_of, exp(log_scale), options.levels);
    }
};

}
