#include <tapegrad/density/image_gpt.hpp>

#include "../support/message.hpp"
#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("image_gpt: probabilities and draws, which the cache leaves as they are") {
    Generator g(2);
    ImageGpt<double> model(3, {.layers = 2, .heads = 2, .width = 8}, g);
    init::normal_(model.net.transformer.wte.weight, g);
    init::normal_(model.net.transformer.wpe.weight, g);
    support::check_binary_model(model);
}

TEST_CASE("image_gpt: logits of a pixel do not change with it or what comes behind") {
    Generator g(3);
    const ImageGpt<double> model(6, {.levels = 3, .layers = 2, .heads = 2, .width = 8}, g);
    CHECK((model.levels() == 3 && model.variables() == 6));
    const no_grad constant;
    const Tensor<double> x{{0, 1, 2, 0, 1, 2}};
    const Tensor<double> before = model.logits(x);
    for (int64_t d = 0; d < 6; ++d) {
        const Tensor<double> other = detail::copy(x);
        detail::output(const_cast<Tensor<double>&>(other))[d] = x(0, d) == 2 ? 0 : 2;
        const Tensor<double> after = model.logits(other);
        for (int64_t e = 0; e < 6; ++e) {
            bool same = true;
            for (int64_t k = 0; k < 3; ++k) same = same && before(0, e, k) == after(0, e, k);
            CHECK(same == (e <= d));
        }
    }
}

TEST_CASE("image_gpt: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] { static_cast<void>(ImageGpt<double>(0, {}, g)); }) ==
          "ImageGpt: 0 pixels of 2 levels; there must be one or more");
    const ImageGpt<double> model(3, {.layers = 1, .heads = 1, .width = 4}, g);
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(model.log_prob(zeros<double>({1, 2})));
          }) == "ImageGpt: x (1, 2) is not (n, 3)");
}
