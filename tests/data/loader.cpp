#include <tapegrad/data/loader.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace tapegrad;

namespace {

/// Example i is (i, a number of chance).
struct Noisy {
    int64_t n = 23;
    int64_t size() const { return n; }
    std::tuple<int64_t, int64_t> draw(int64_t i, Generator& generator) const {
        int64_t noise = 0;
        fill_randint(&noise, 1, generator, 0, 1'000'000'000);
        if (i == 1000) throw ValueError("test: example 1000");
        return {i, noise};
    }
};
using Loader = DataLoader<Noisy>;
using Numbers = std::vector<int64_t>;

/// The numbers of all batches from here to the end of epoch `until`.
std::vector<Numbers> rest(Loader& loader, int64_t until) {
    std::vector<Numbers> all;
    while (loader.position().epoch <= until)
        while (const auto batch = loader.next()) {
            all.push_back(to_vector(std::get<0>(*batch)));
            all.push_back(to_vector(std::get<1>(*batch)));
        }
    return all;
}
Loader make(int workers, bool shuffle = true, bool drop_last = false) {
    return Loader(Noisy{}, {.batch_size = 4,
                            .shuffle = shuffle,
                            .drop_last = drop_last,
                            .seed = 9,
                            .workers = workers,
                            .prefetch = 3});
}

}

TEST_CASE("loader: batches as they come") {
    Loader loader = make(0, false);
    CHECK(loader.batches() == 6);
    const auto all = rest(loader, 0);
    REQUIRE(all.size() == 12);
    CHECK(all[0] == Numbers{0, 1, 2, 3});
    CHECK(all[10] == Numbers{20, 21, 22});
    CHECK(make(0, false, true).batches() == 5);
    CHECK(Loader(Noisy{0}).batches() == 0);
    Loader nothing(Noisy{0}, {.shuffle = true, .workers = 1});
    CHECK(!nothing.next());
    CHECK(nothing.position() == LoaderPosition{1, 0});
}

TEST_CASE("loader: every example once an epoch, in another order and with other chance each time") {
    Loader loader = make(0);
    const auto first = rest(loader, 0), second = rest(loader, 1);
    std::set<int64_t> seen;
    for (std::size_t i = 0; i < first.size(); i += 2) seen.insert(first[i].begin(), first[i].end());
    CHECK(seen.size() == 23);
    CHECK(first[0] != second[0]);
    CHECK(first[1] != second[1]);
}

TEST_CASE("loader: the same batches with any number of workers") {
    Loader alone = make(0);
    const auto wanted = rest(alone, 2);
    CHECK(wanted.size() == 36);
    for (const int workers : {1, 2, 3, 8}) {
        Loader loader = make(workers);
        CHECK(rest(loader, 2) == wanted);
    }
}

TEST_CASE("loader: it goes on from any place, with other workers too") {
    for (int64_t taken = 0; taken <= 13; ++taken) {
        Loader before = make(2);
        for (int64_t i = 0; i < taken; ++i)
            while (!before.next()) {
            }
        Loader after = make(taken % 3 == 0 ? 0 : 1);
        after.restore(before.state());
        CHECK(after.position() == before.position());
        CHECK(rest(after, 2) == rest(before, 2));
    }
    // At the end of an epoch that nobody was told of yet.
    Loader before = make(1), after = make(1);
    for (int i = 0; i < 6; ++i) before.next();
    after.restore(before.state());
    CHECK(after.position() == LoaderPosition{0, 6});
    CHECK(!after.next());
    CHECK(after.position() == LoaderPosition{1, 0});
    CHECK(before.next() == std::nullopt);
    after.seek({0, 2});
    before.seek({0, 2});
    CHECK(rest(after, 0) == rest(before, 0));
}

TEST_CASE("loader: a loop is an epoch") {
    Loader loader = make(2);
    int64_t count = 0, batches = 0;
    for (const auto& [number, noise] : loader) {
        count += number.size(0) + 0 * noise.size(0);
        ++batches;
    }
    CHECK(count == 23);
    CHECK(batches == 6);
    CHECK(loader.position() == LoaderPosition{1, 0});
}

TEST_CASE("loader: tensors, and sequences of unequal lengths") {
    DataLoader tensors(TensorDataset(arange<float>(0, 6), Tensor<int64_t>{0, 1, 2, 3, 4, 5}),
                       {.batch_size = 4});
    const auto batch = tensors.next();
    CHECK(std::get<0>(*batch).shape() == Shape{4});
    CHECK(to_vector(std::get<1>(*batch)) == Numbers{0, 1, 2, 3});

    struct Lines {
        int64_t size() const { return 3; }
        Tensor<int64_t> operator[](int64_t i) const { return full<int64_t>({i + 1}, i); }
    };
    DataLoader lines(Lines{}, {.batch_size = 3, .workers = 1}, PadCollate{.value = 9});
    const auto padded = lines.next();
    CHECK(to_vector(padded->values) == Numbers{0, 9, 9, 1, 1, 9, 2, 2, 2});
    CHECK(to_vector(padded->lengths) == Numbers{1, 2, 3});
}

TEST_CASE("loader: errors") {
    CHECK_THROWS_WITH_AS(Loader(Noisy{}, {.batch_size = 0}), "loader: batch_size is 0; it must be positive",
                         ValueError);
    CHECK_THROWS_WITH_AS(Loader(Noisy{}, {.workers = -1}), "loader: -1 workers with 2 batches ahead each",
                         ValueError);
    Loader loader = make(1);
    CHECK_THROWS_WITH_AS(loader.seek({3, 7}), "loader: there is no batch 7 of epoch 3: an epoch has 6",
                         ValueError);
    CHECK_THROWS_WITH_AS(loader.restore(Tensor<int64_t>{0, 0}), "loader: a state of shape (2,), not (5,)",
                         ValueError);
    CHECK_THROWS_WITH_AS(loader.restore(Tensor<int64_t>{0, 0, 24, 4, 9}),
                         "loader: the state is of a loader whose size is 24, here it is 23", ValueError);
    CHECK_THROWS_WITH_AS(loader.restore(Tensor<int64_t>{0, 0, 23, 4, 8}),
                         "loader: the state is of a loader whose seed is 8, here it is 9", ValueError);
    for (const int workers : {0, 2}) {
        Loader long_one(Noisy{1002}, {.batch_size = 500, .workers = workers});
        CHECK(long_one.next());
        CHECK(long_one.next());
        CHECK_THROWS_WITH_AS(long_one.next(), "test: example 1000", ValueError);
        CHECK(!long_one.next());
    }
}
