#include <tapegrad/data/dataset.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

/// Example i is i, plus a number of chance below 1000.
struct Noisy {
    int64_t size() const { return 5; }
    int64_t draw(int64_t i, Generator& generator) const {
        int64_t noise = 0;
        fill_randint(&noise, 1, generator, 0, 1000);
        return 1000 * i + noise;
    }
};
struct Squares {
    int64_t size() const { return 4; }
    int64_t operator[](int64_t i) const { return i * i; }
};

}

TEST_CASE("dataset: rows of tensors that belong together, as views") {
    const Tensor<float> x = from_vector<float>({1, 2, 3, 4, 5, 6}, {3, 2});
    const TensorDataset dataset(x, Tensor<int64_t>{7, 8, 9});
    CHECK(dataset.size() == 3);
    const auto [row, label] = dataset[2];
    CHECK(to_vector(row) == std::vector<float>{5, 6});
    CHECK(label.shape() == Shape{});
    CHECK(label.item() == 9);
    CHECK(row.data() == x.data() + 4);
    // Rows of a tensor of any strides.
    const TensorDataset columns(detail::view_of(x, {2, 3}, {1, 2}));
    CHECK(to_vector(std::get<0>(columns[1])) == std::vector<float>{2, 4, 6});
    CHECK(TensorDataset(empty<float>({0, 3})).size() == 0);
}

TEST_CASE("dataset: mapped and chosen examples keep the chance of the example") {
    Generator a(1), b(1);
    const auto doubled = MappedDataset(Squares{}, [](int64_t v) { return v * 2; });
    CHECK(draw_example(doubled, 3, a) == 18);
    const auto shifted = MappedDataset(Noisy{}, [](int64_t v, Generator&) { return v + 1; });
    CHECK(draw_example(shifted, 2, a) == draw_example(Noisy{}, 2, b) + 1);
    const Subset some(Squares{}, {3, 1, 1});
    CHECK(some.size() == 3);
    CHECK(draw_example(some, 0, a) == 9);
    CHECK(draw_example(some, 2, a) == 1);
}

TEST_CASE("dataset: errors") {
    CHECK_THROWS_WITH_AS(TensorDataset(zeros<float>({3, 2}), zeros<float>({4})),
                         "dataset: a tensor (4,) beside one of 3 rows", ShapeError);
    CHECK_THROWS_WITH_AS(TensorDataset(Tensor<float>(1.0F)), "dataset: a tensor of rank 0 has no rows",
                         ShapeError);
    const TensorDataset dataset(zeros<float>({3}));
    CHECK_THROWS_WITH_AS(dataset[3], "dataset: example 3 is outside [0, 3)", IndexError);
    CHECK_THROWS_AS(dataset[-1], IndexError);
    CHECK_THROWS_WITH_AS(Subset(Squares{}, {4}), "subset: example 4 is outside [0, 4)", IndexError);
    Generator generator;
    CHECK_THROWS_WITH_AS(Subset(Squares{}, {0}).draw(1, generator), "subset: example 1 is outside [0, 1)",
                         IndexError);
}
