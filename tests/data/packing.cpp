#include <tapegrad/data/packing.hpp>

#include <doctest/doctest.h>

#include <tapegrad/models/llama.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("packing: documents behind each other") {
    const PackedTokens p =
        pack_documents({{1, 2, 3}, {4, 5, 6, 7}, {8, 9}, {}, {10, 11, 12, 13, 14, 15, 16}}, 5);
    CHECK(p.x.shape() == Shape{4, 5});
    CHECK(to_vector(p.x) ==
          std::vector<int64_t>{1, 2, 3, 8, 9, 4, 5, 6, 7, 0, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0});
    CHECK(to_vector(p.y) == std::vector<int64_t>{2,  3,  -100, 9,  -100, 5,  6,    7,    -100, -100,
                                                 11, 12, 13,   14, 15,   16, -100, -100, -100, -100});
    CHECK(to_vector(p.positions) ==
          std::vector<int64_t>{0, 1, 2, 0, 1, 0, 1, 2, 3, 0, 0, 1, 2, 3, 4, 0, 1, 0, 0, 0});
    CHECK(p.targets() == 2 + 3 + 1 + 6);
    const Tensor<bool> mask = p.mask();
    CHECK(mask.shape() == Shape{4, 5, 5});
    CHECK(mask(0, 0, 2));
    CHECK_FALSE(mask(0, 0, 3));
    CHECK(mask(0, 4, 3));
    CHECK_FALSE(mask(1, 4, 4));  // padding sees nothing
    CHECK(pack_documents({}, 5).x.shape() == Shape{0, 5});
}

TEST_CASE("packing: parts of one document in one row are strangers") {
    const PackedTokens p = pack_documents({{1, 2, 3, 4, 5, 6}, {7, 8}}, 4);  // 4, then 2 and 2
    CHECK(to_vector(p.documents) == std::vector<int64_t>{0, 0, 0, 0, 1, 1, 2, 2});
}

TEST_CASE("packing: many documents, each somewhere and once") {
    std::vector<std::vector<int64_t>> documents;
    int64_t total = 0;
    for (int64_t d = 0; d < 1000; ++d) {
        documents.emplace_back(static_cast<std::size_t>(1 + (d * 37) % 50), d);
        total += 1 + (d * 37) % 50;
    }
    const PackedTokens p = pack_documents(documents, 64);
    std::vector<int64_t> seen(1000);
    for (int64_t i = 0; i < p.x.numel(); ++i)
        if (p.documents.data()[i] >= 0) ++seen[static_cast<std::size_t>(p.x.data()[i])];
    for (std::size_t d = 0; d < 1000; ++d) REQUIRE(seen[d] == static_cast<int64_t>(documents[d].size()));
    CHECK(total > p.x.numel() * 95 / 100);  // little is padding
}

TEST_CASE_TEMPLATE("packing: the loss is that of the documents alone, weighted by their tokens", T, float,
                   double) {
    Generator generator(1);
    const Llama<T> model(LlamaConfig{.vocab_size = 17,
                                     .hidden_size = 16,
                                     .intermediate_size = 24,
                                     .num_hidden_layers = 2,
                                     .num_attention_heads = 2,
                                     .initializer_range = 0.4},
                         generator);
    const std::vector<std::vector<int64_t>> documents{
        {1, 2, 3, 4}, {5, 6, 7}, {8, 9, 10, 11, 12, 13}, {14, 15}};
    const PackedTokens p = pack_documents(documents, 8);
    CHECK(p.x.size(0) == 2);
    const Tensor<T> packed = model.loss(p.x, p.y, {.mask = p.mask(), .positions = p.positions});
    Tensor<T> alone(T(0));
    for (const auto& d : documents) {
        const auto n = static_cast<int64_t>(d.size());
        const Tensor<int64_t> ids = from_vector(d, {1, n});
        alone =
            alone + model.loss(narrow(ids, 1, 0, n - 1), narrow(ids, 1, 1, n - 1)) * static_cast<T>(n - 1);
    }
    CHECK(support::close(packed, alone / static_cast<T>(p.targets()), 1e-6));
    const auto a = grad(packed, parameters<T>(model)),
               b = grad(alone / static_cast<T>(p.targets()), parameters<T>(model));
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(support::close(a[i], b[i], 1e-5));
}

TEST_CASE("packing: errors") {
    CHECK(support::message<ValueError>([] { static_cast<void>(pack_documents({}, 0)); }) ==
          "pack_documents: length 0 must be positive");
    CHECK(support::message<ValueError>([] {
              static_cast<void>(pack_documents({{1}, {2, -3}}, 4));
          }) == "pack_documents: token -3 at place 1 of document 1 is negative");
}
