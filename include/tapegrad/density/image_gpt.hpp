// ImageGPT: pixels in the order of reading as the tokens of a Transformer.
#pragma once

#include "../models/gpt.hpp"
#include "../ops/convert.hpp"
#include "../ops/indexing.hpp"
#include "../ops/softmax.hpp"
#include "image.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ImageGptOptions {
    int64_t levels = 2;  // a pixel is 0 .. levels - 1
    int64_t layers = 4, heads = 4, width = 64;
    double dropout = 0;
};

/// log p(x) = sum_d log softmax(GPT(begin, x_0 .. x_(d-1)))_(x_d)
/// Shape    x (B, D), of whole numbers from 0 to levels - 1
/// Source   Chen et al., Generative Pretraining from Pixels, 2020
template <Floating T = float>
struct ImageGpt {
    GPT<T> net;
    TAPEGRAD_FIELDS(net);

    ImageGpt() = default;
    /// Throws   as GPT; ValueError: no pixel or no level
    ImageGpt(int64_t pixels, const ImageGptOptions& o, Generator& generator) {
        if (pixels < 1 || o.levels < 1)
            detail::fail<ValueError>("ImageGpt", pixels, " pixels of ", o.levels,
                                     " levels; there must be one or more");
        GPTConfig config;
        config.vocab_size = o.levels + 1;  // the last is what every picture begins with
        config.block_size = pixels;
        config.n_layer = o.layers;
        config.n_head = o.heads;
        config.n_embd = o.width;
        config.dropout = o.dropout;
        net = GPT<T>(config, generator);
    }

    int64_t variables() const { return net.config.block_size; }
    int64_t levels() const { return net.config.vocab_size - 1; }

    /// (B, D, levels).
    Tensor<T> logits(const Tensor<T>& x, Generator& generator = default_generator()) const {
        const Tensor<int64_t> ids = detail::cast<int64_t>(x.detach());
        const Tensor<int64_t> begin = full<int64_t>({x.size(0), 1}, levels());
        const Tensor<int64_t> before = cat({begin, slice(ids, 1, 0, variables() - 1)}, 1);
        return slice(net(before, generator), 2, 0, levels());
    }
    /// In nats; (B,).
    /// Throws   ShapeError: x is not (B, D)
    Tensor<T> log_prob(const Tensor<T>& x, Generator& generator = default_generator()) const {
        if (x.rank() != 2 || x.size(1) != variables())
            detail::fail<ShapeError>("ImageGpt", "x ", x.shape(), " is not (n, ", variables(), ")");
        const Tensor<int64_t> ids = detail::cast<int64_t>(x.detach());
        return sum(squeeze(gather(log_softmax(logits(x, generator)), 2, unsqueeze(ids, 2)), 2), {-1});
    }

    /// Draws (n, D).
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known, given what of it lies before; keys and values are kept.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const no_grad constant;
        const Tensor<bool> given = detail::known_of("ImageGpt", x, known, variables());
        auto cache = net.make_cache();
        Tensor<int64_t> last = full<int64_t>({x.size(0), 1}, levels());
        Tensor<T> y = zeros<T>(x.shape());
        for (int64_t d = 0; d < variables(); ++d) {  // every pixel goes into the cache, known or not
            const Tensor<T> out = slice(select(net(last, {.cache = &cache}), 1, 0), 1, 0, levels());
            const Tensor<int64_t> drawn = squeeze(multinomial(softmax(out, -1), 1, true, generator), 1);
            Tensor<T> place = select(y, 1, d);
            detail::assign(place, where(select(given, 1, d), select(x, 1, d), detail::cast<T>(drawn)));
            last = unsqueeze(detail::cast<int64_t>(place), 1);
        }
        return y;
    }
};

}
