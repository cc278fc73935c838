#include <tapegrad/nn/encoder_decoder.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;
using support::check_module;

namespace {

/// PyTorch's mask says who is padding.
Tensor<bool> keys() { return !support::module_golden().get<bool>("mask.padding"); }

}

TEST_CASE("encoder_decoder: torch.nn") {
    Generator g(1);
    for (const bool first : {false, true}) {
        const std::string order = first ? "pre" : "post";
        const TransformerOptions options{.hidden = 8, .dropout = 0, .norm_first = first};
        TransformerOptions smooth = options;
        smooth.gelu = first;
        TransformerEncoderLayer<double> encoder(6, 2, g, smooth);
        check_module("encoder_layer." + order, encoder,
                     [&](const auto& x) { return std::vector{encoder(x[0], {}, keys())}; });
        TransformerDecoderLayer<double> decoder(6, 2, g, options);
        check_module("decoder_layer." + order, decoder, [&](const auto& x) {
            return std::vector{decoder(x[0], x[1], {.self = causal_mask(5), .memory_keys = keys()})};
        });
        Transformer<double> whole(6, 2, 2, 2, g, options);
        check_module("transformer." + order, whole, [&](const auto& x) {
            return std::vector{
                whole(x[0], x[1], {.target = causal_mask(5), .source_keys = keys(), .memory_keys = keys()})};
        });
    }
}

TEST_CASE("encoder_decoder: cross attention is torch.nn's") {
    Generator g(1);
    MultiHeadAttention<double> attention(6, 2, g);
    check_module("attention.cross", attention,
                 [&](const auto& x) { return std::vector{attention(x[0], x[1], x[2])}; });
    check_module("attention.padding", attention, [&](const auto& x) {
        return std::vector{attention(x[0], x[1], x[1], detail::with_keys({}, keys()))};
    });
    check_module("attention.self", attention,
                 [&](const auto& x) { return std::vector{attention(x[0], causal_mask(5))}; });
    const Tensor<double> x = zeros<double>({2, 3, 6});
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(attention(x, x, zeros<double>({2, 4, 6})));
          }) ==
          "MultiHeadAttention: queries (2, 3, 6), keys (2, 3, 6) and values (2, 4, 6) do not fit: they are "
          "(batch, length, 6), keys and values of one length");
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(detail::with_keys({}, Tensor<bool>{true}));
          }) == "Transformer: a mask over keys (1,) must be (batch, length)");
}

TEST_CASE("encoder_decoder: dropout is drawn in training alone") {
    Generator g(1), a(2), b(2);
    Transformer<double> net(4, 2, 1, 1, g, {.hidden = 8, .dropout = 0.5});
    const Tensor<double> x = support::normal<double>({1, 3, 4});
    CHECK(support::same_bits(net(x, x, {}, a), net(x, x, {}, b)));
    CHECK_FALSE(support::same_bits(net(x, x, {}, a), net(x, x, {}, a)));
    eval(net);
    CHECK(support::same_bits(net(x, x), net(x, x)));
}
