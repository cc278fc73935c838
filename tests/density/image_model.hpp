// Pictures as rows of pixels, so that densities of pictures are checked as others.
#pragma once

#include "binary_model.hpp"

namespace support {

template <class M>
struct OfRows {
    const M& model;
    int64_t height, width;

    Tensor<double> image(const Tensor<double>& x) const { return reshape(x, {x.size(0), 1, height, width}); }
    Tensor<double> log_prob(const Tensor<double>& x) const { return model.log_prob(image(x)); }
    Tensor<double> logits(const Tensor<double>& x) const { return flatten(model.logits(image(x)), 1); }
    Tensor<double> sample(int64_t n, Generator& g) const {
        return flatten(model.sample(n, height, width, g), 1);
    }
    Tensor<double> inpaint(const Tensor<double>& x, const Tensor<bool>& known, Generator& g) const {
        return flatten(model.inpaint(image(x), reshape(known, {height, width}), g), 1);
    }
};
inline std::vector<int64_t> reading_order(int64_t n) {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < n; ++i) order.push_back(i);
    return order;
}

}
