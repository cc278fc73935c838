#include <tapegrad/data/collate.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("collate: tensors are stacked, numbers listed, tuples taken apart") {
    using Example = std::tuple<Tensor<float>, int64_t, std::tuple<bool>>;
    const Tensor<float> x = from_vector<float>({1, 2, 3, 4}, {2, 2});
    const std::vector<Example> examples{{x, 7, {true}}, {detail::view_of(x, {2, 2}, {1, 2}), 8, {false}}};
    const auto [values, labels, flags] = Collate{}(examples);
    CHECK(values.shape() == Shape{2, 2, 2});
    CHECK(to_vector(values) == std::vector<float>{1, 2, 3, 4, 1, 3, 2, 4});
    CHECK(to_vector(labels) == std::vector<int64_t>{7, 8});
    CHECK(to_vector(std::get<0>(flags)) == std::vector<bool>{true, false});
    CHECK(Collate{}(std::vector{Tensor<double>(2.0), Tensor<double>(3.0)}).shape() == Shape{2});
}

TEST_CASE("collate: unequal lengths are padded and masked") {
    const std::vector<std::tuple<Tensor<int64_t>, float>> examples{
        {Tensor<int64_t>{1, 2, 3}, 0.5F}, {empty<int64_t>({0}), 1.5F}, {Tensor<int64_t>{4}, 2.5F}};
    const auto [padded, numbers] = PadCollate{.value = -1}(examples);
    CHECK(padded.values.shape() == Shape{3, 3});
    CHECK(to_vector(padded.values) == std::vector<int64_t>{1, 2, 3, -1, -1, -1, 4, -1, -1});
    CHECK(to_vector(padded.mask) ==
          std::vector<bool>{true, true, true, false, false, false, true, false, false});
    CHECK(to_vector(padded.lengths) == std::vector<int64_t>{3, 0, 1});
    CHECK(to_vector(numbers) == std::vector<float>{0.5F, 1.5F, 2.5F});

    const std::vector<Tensor<float>> frames{ones<float>({1, 2}), ones<float>({3, 2})};
    const auto wide = PadCollate{.multiple = 4}(frames);
    CHECK(wide.values.shape() == Shape{2, 4, 2});
    CHECK(to_vector(wide.values) == std::vector<float>{1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0});
    CHECK(wide.mask.shape() == Shape{2, 4});
}

TEST_CASE("collate: errors") {
    const std::vector<Tensor<float>> examples{zeros<float>({2}), zeros<float>({3})};
    CHECK_THROWS_WITH_AS(Collate{}(examples),
                         "collate: example 1 of the batch has shape (3,), example 0 has (2,); PadCollate "
                         "takes unequal lengths",
                         ShapeError);
    const std::vector<Tensor<float>> frames{zeros<float>({2, 3}), zeros<float>({2, 4})};
    CHECK_THROWS_WITH_AS(PadCollate{}(frames),
                         "collate: example 1 of the batch has shape (2, 4), example 0 has (2, 3); only the "
                         "first axis may differ",
                         ShapeError);
    CHECK_THROWS_WITH_AS(PadCollate{}(std::vector{Tensor<float>(1.0F)}),
                         "collate: an example of rank 0 has no length", ShapeError);
}
