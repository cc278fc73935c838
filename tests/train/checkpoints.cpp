#include <tapegrad/train/checkpoints.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
}

namespace {
struct Net {
    Tensor<float> weight = zeros<float>({2});
    TAPEGRAD_FIELDS(weight);
};
struct NoOptimizer {
    StateDict state_dict() const { return {}; }
    void load_state_dict(const StateDict&) {}
};
struct Run {
    Net model;
    NoOptimizer optimizer;
    void set(float value) { model.weight.set({0}, value); }
    float get() const { return model.weight(0); }
};
using Steps = std::vector<int64_t>;
}

TEST_CASE("checkpoints: the last few are kept, and the best") {
    const TemporaryFolder folder;
    Checkpoints checkpoints(folder / "run/a", {.keep = 2});
    Run run;
    CHECK(!checkpoints.resume(run.model, run.optimizer));
    CHECK(!checkpoints.best_metric());
    const double metrics[] = {3, 1, 2, not_a_number, 1};
    for (int i = 0; i < 5; ++i) {
        run.set(static_cast<float>(i));
        checkpoints.save(run.model, run.optimizer, {.step = 8 + i}, metrics[i]);
    }
    CHECK(checkpoints.steps() == Steps{11, 12});
    CHECK(checkpoints.best_metric() == 1);
    Run best;
    CHECK(load_checkpoint(checkpoints.best_path(), best.model, best.optimizer).step == 9);
    CHECK(best.get() == 1);
    // Another process knows the best too.
    Checkpoints later(folder / "run/a", {.keep = 2});
    later.save(run.model, run.optimizer, {.step = 20}, 1.5);
    CHECK(later.best_metric() == 1);
    later.save(run.model, run.optimizer, {.step = 21});
    CHECK(later.best_metric() == 1);
    later.save(run.model, run.optimizer, {.step = 22}, 0.5);
    CHECK(later.best_metric() == 0.5);
    Checkpoints accuracy(folder / "b", {.lower_is_better = false});
    accuracy.save(run.model, run.optimizer, {.step = 1}, 90);
    accuracy.save(run.model, run.optimizer, {.step = 2}, 80);
    CHECK(accuracy.best_metric() == 90);
}

TEST_CASE("checkpoints: a run goes on from the newest that is whole") {
    const TemporaryFolder folder;
    Checkpoints checkpoints(folder.path);
    Run run;
    for (int i = 1; i <= 3; ++i) {
        run.set(static_cast<float>(i));
        checkpoints.save(run.model, run.optimizer, {.step = i, .metadata = {{"note", "mine"}}}, 1.0 / i);
    }
    write_text(folder / "step_x.safetensors", "");
    write_text(folder / "step_07.safetensors", "");
    Run resumed;
    const auto state = checkpoints.resume(resumed.model, resumed.optimizer);
    REQUIRE(state);
    CHECK(state->step == 3);
    CHECK(state->metadata.size() == 1);
    CHECK(resumed.get() == 3);
    write_text(checkpoints.path(3), read_text(checkpoints.path(3)).substr(0, 100));
    CHECK(checkpoints.resume(resumed.model, resumed.optimizer)->step == 2);
    CHECK(resumed.get() == 2);
    // The damaged one lies ahead of where the run is now: it goes with the next save.
    checkpoints.save(run.model, run.optimizer, {.step = 2});
    CHECK(checkpoints.steps() == Steps{1, 2});
}

TEST_CASE("checkpoints: errors") {
    const TemporaryFolder folder;
    write_text(folder / "file", "");
    CHECK_THROWS_WITH_AS(Checkpoints(folder / "file"),
                         ("checkpoints: " + (folder / "file") + ": is no folder, and cannot be made").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(Checkpoints(folder.path, {.keep = 0}), "checkpoints: keep is 0; it must be positive",
                         ValueError);
    Checkpoints checkpoints(folder.path);
    write_text(checkpoints.path(1), "x");
    write_text(checkpoints.path(2), "");
    Run run;
    CHECK_THROWS_WITH_AS(checkpoints.resume(run.model, run.optimizer),
                         ("safetensors: " + checkpoints.path(2) +
                          ": at byte 0: the length of the header is missing: the file has 0 bytes")
                             .c_str(),
                         IoError);
}
