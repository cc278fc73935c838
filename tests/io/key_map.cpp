#include <tapegrad/io/key_map.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {
const KeyMap example({{"tok.weight", "embed.weight"},
                      {"blk.{}.q.weight", "layers.{}.q_proj.weight", KeyAction::to_halves, 2},
                      {"blk.{}.up.weight", "layers.{}.c_fc.weight", KeyAction::transpose},
                      {"e.{}.{}.w", "x.{}.y.{}.w"},
                      {"rope.freqs", ""},
                      {"", "layers.{}.inv_freq"}});

template <class T>
Tensor<T> rows(std::initializer_list<int> values, int64_t columns) {
    Tensor<T> x = empty<T>({static_cast<int64_t>(values.size()), columns});
    int64_t at = 0;
    for (const int value : values)
        for (int64_t c = 0; c < columns; ++c)
            x.mutable_data()[at++] = static_cast<T>(static_cast<float>(10 * value) + static_cast<float>(c));
    return x;
}
}

TEST_CASE("key_map: names") {
    CHECK(example.find("tok.weight")->name == "embed.weight");
    CHECK(example.find("blk.12.up.weight")->name == "layers.12.c_fc.weight");
    CHECK(example.find("e.3.40.w")->name == "x.3.y.40.w");
    CHECK(example.find("rope.freqs")->name.empty());
    for (const char* other : {"", "tok.weigh", "tok.weights", "blk..up.weight", "blk.1x.up.weight",
                              "blk.-1.up.weight", "xblk.1.up.weight", "e.1.w", "layers.0.inv_freq"})
        CHECK(!example.find(other));
    const KeyMap back = example.reversed();
    CHECK(back.find("layers.7.q_proj.weight")->name == "blk.7.q.weight");
    CHECK(back.find("layers.7.q_proj.weight")->action == KeyAction::to_pairs);
    CHECK(back.find("layers.7.inv_freq")->name.empty());
    CHECK(!back.find("rope.freqs"));
    CHECK(back.reversed().rules().size() == 6);
}

TEST_CASE_TEMPLATE("key_map: rows of pairs become halves, and back", T, float, double, bfloat16, int64_t) {
    const MappedKey to{"q", KeyAction::to_halves, 2}, back{"q", KeyAction::to_pairs, 2};
    // Two heads of 6 rows.
    const Tensor<T> x = rows<T>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2);
    const Tensor<T> y = detail::cast_handle<T>(to(x));
    CHECK(to_vector(y) == to_vector(rows<T>({0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11}, 2)));
    CHECK(y.shape() == x.shape());
    CHECK(to_vector(detail::cast_handle<T>(back(y))) == to_vector(x));
    // A bias, and rows that do not lie behind each other.
    CHECK(to_vector(detail::cast_handle<T>(to(detail::view_of(x, {12}, {2})))) ==
          to_vector(detail::view_of(y, {12}, {2})));
    CHECK(to(empty<T>({0, 3})).shape() == Shape{0, 3});
    CHECK(to(empty<T>({4, 0})).shape() == Shape{4, 0});
}

TEST_CASE_TEMPLATE("key_map: transposed", T, float, double, float16, bool) {
    const MappedKey map{"w", KeyAction::transpose, 0};
    Tensor<T> x = zeros<T>({2, 3});
    x.mutable_data()[1] = static_cast<T>(1.0F);
    const Tensor<T> y = detail::cast_handle<T>(map(x));
    CHECK(y.shape() == Shape{3, 2});
    CHECK(y.is_contiguous());
    CHECK(y.data()[2] == x.data()[1]);
    CHECK(map.shape_of({2, 3}) == Shape{3, 2});
    CHECK(MappedKey{}.shape_of({2, 3}) == Shape{2, 3});
}

TEST_CASE("key_map: a dictionary, with a report of what did not go along") {
    StateDict from;
    from.add("tok.weight", Tensor<float>{1});
    from.add("blk.0.up.weight", zeros<float>({2, 3}));
    from.add("blk.0.down.weight", zeros<float>({2, 3}));
    from.add("rope.freqs", zeros<float>({2}));
    KeyReport report;
    const StateDict to = example(from, report);
    CHECK(to.size() == 2);
    CHECK(to.get<float>("layers.0.c_fc.weight").shape() == Shape{3, 2});
    CHECK(!report.ok());
    CHECK(report.to_string() == "1 unmatched:\n  blk.0.down.weight\n1 dropped:\n  rope.freqs");
    CHECK_THROWS_WITH_AS(example(from), "key_map: 1 unmatched:\n  blk.0.down.weight", ValueError);
    const StateDict back = example.reversed()(to);
    CHECK(back.get<float>("blk.0.up.weight").shape() == Shape{2, 3});
}

TEST_CASE("key_map: errors") {
    CHECK_THROWS_WITH_AS(KeyMap({{"a.{}", "b"}}), "key_map: a.{} and b differ in their {}", ValueError);
    CHECK_THROWS_WITH_AS(KeyMap({{"a", "b", KeyAction::to_pairs}}), "key_map: a: 0 heads", ValueError);
    const MappedKey halves{"q", KeyAction::to_halves, 3}, turned{"w", KeyAction::transpose, 0};
    CHECK_THROWS_WITH_AS(halves(zeros<float>({10, 2})),
                         "key_map: q: shape (10, 2) has no even number of rows for each of 3 heads",
                         ShapeError);
    CHECK_THROWS_WITH_AS(halves(Tensor<float>(1.0F)),
                         "key_map: q: shape () has no even number of rows for each of 3 heads", ShapeError);
    CHECK_THROWS_WITH_AS(turned(zeros<float>({2})),
                         "key_map: w: shape (2,) cannot be transposed; two axes are wanted", ShapeError);
    const KeyMap both({{"a", "c"}, {"b", "c"}});
    StateDict from;
    from.add("a", Tensor<float>{1});
    from.add("b", Tensor<float>{1});
    CHECK_THROWS_WITH_AS(both(from), "state_dict: the name 'c' is there twice", ValueError);
}
