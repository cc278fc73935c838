#include <tapegrad/models/deepseek_v2.hpp>

#include <doctest/doctest.h>

#include <tapegrad/models/configs.hpp>
#include <tapegrad/tensor/random.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "golden_model.hpp"

using namespace tapegrad;

namespace {

DeepseekV2Config tiny() {
    return {.vocab_size = 31,
            .hidden_size = 24,
            .intermediate_size = 40,
            .moe_intermediate_size = 10,
            .num_hidden_layers = 2,
            .num_attention_heads = 4,
            .q_lora_rank = 0,
            .kv_lora_rank = 12,
            .qk_nope_head_dim = 6,
            .qk_rope_head_dim = 4,
            .v_head_dim = 5,
            .n_routed_experts = 6,
            .n_shared_experts = 1,
            .first_k_dense_replace = 1,
            .initializer_range = 0.3};
}
Tensor<int64_t> some_ids(int64_t batch, int64_t length) {
    Generator generator(3);
    return randint(0, 31, {batch, length}, generator);
}

}

TEST_CASE("deepseek_v2: logits and gradients of transformers, in both forms of attention") {
    Generator generator(1);
    for (const char* name : {"deepseek_v2", "deepseek_v2_lite"}) {
        const ConfigFile file(support::model_folder(name) + "/config.json");
        for (const LatentForm form : {LatentForm::naive, LatentForm::absorbed}) {
            DeepseekV2<float> model(deepseek_v2_config(file), generator);
            for (auto& layer : model.model.layers) layer.self_attn.form = form;
            support::check_model(name, model);
        }
    }
}

TEST_CASE_TEMPLATE("deepseek_v2: step by step equals all at once", T, float, double) {
    const no_grad scope;
    Generator generator(1);
    const DeepseekV2<T> model(tiny(), generator);
    const Tensor<int64_t> ids = some_ids(2, 10);
    const Tensor<T> want = model(ids);
    auto cache = model.make_cache();
    for (int64_t i = 0; i < 10; i += 2)
        CHECK(support::close(model(narrow(ids, 1, i, 2), {.cache = &cache}), narrow(want, 1, i, 2), 1e-5));
    CHECK(cache.elements_per_token() == 2 * (12 + 4));
}

TEST_CASE("deepseek_v2: what the routers decided, for losses of balance") {
    Generator generator(1);
    const DeepseekV2<double> model(tiny(), generator);
    const Tensor<int64_t> ids = some_ids(2, 5);
    std::vector<Routing<double>> routings;
    const Tensor<double> loss = model.loss(ids, ids, {.routings = &routings});
    REQUIRE(routings.size() == 1);  // the first layer has no experts
    CHECK(routings[0].experts.shape() == Shape{10, 2});
    CHECK(support::same_bits(loss, model.loss(ids, ids)));
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(model(ids, {.checkpoint = true, .routings = &routings}));
          }) == "language model: routings are not kept of layers that backward computes again");
    const auto kept = grad(loss, parameters<double>(model));
    const auto again = grad(model.loss(ids, ids, {.checkpoint = true}), parameters<double>(model));
    for (std::size_t i = 0; i < kept.size(); ++i)
        CHECK((kept[i].defined() ? support::same_bits(kept[i], again[i]) : !again[i].defined()));
}
