#include <tapegrad/flows/flow_matching/paths.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>

#include "../../support/matching.hpp"

using namespace tapegrad;

namespace {

template <class Path>
void check(const Path& path, const std::string& key) {
    CAPTURE(key);
    const auto get = [](const char* name) { return support::matching_golden(name); };
    const auto s = path_at(path, get("x0"), get("x1"), get("t"), get("noise"));
    CHECK(support::close(s.x, support::matching_golden(key + ".x"), 1e-12));
    CHECK(support::close(s.velocity, support::matching_golden(key + ".velocity"), 1e-11));
    const auto to_float = [](const Tensor<double>& x) { return detail::cast<float>(x); };
    const auto single =
        path_at(path, to_float(get("x0")), to_float(get("x1")), to_float(get("t")), to_float(get("noise")));
    CHECK(support::close(single.x, s.x, 1e-5));
    CHECK(support::close(single.velocity, s.velocity, 2e-4));
}

}

TEST_CASE("paths: torchcfm's and flow_matching's") {
    check(StraightPath{0.1}, "straight");
    check(TargetPath{0.1}, "target");
    check(BridgePath{0.5}, "bridge");
    check(CircularPath{0.1}, "circular");
    check(AffinePath<CondOT>{}, "condot");
    check(AffinePath<Polynomial>{{3}}, "polynomial");
    check(AffinePath<VariancePreserving>{}, "vp");
    check(AffinePath<Cosine>{}, "cosine");
}

TEST_CASE("paths: times and noise are drawn, events may have several axes") {
    Generator generator(1);
    const auto x0 = zeros<float>({500, 2, 2}), x1 = ones<float>({500, 2, 2});
    const auto s = sample_path(StraightPath{}, x0, x1, generator);
    CHECK(s.t.shape() == Shape{500});
    CHECK(support::close(s.x, contiguous(expand(reshape(s.t, {500, 1, 1}), {500, 2, 2})), 1e-6));
    CHECK(mean(s.t).item() == doctest::Approx(0.5).epsilon(0.1));
    const auto noisy = sample_path(StraightPath{0.5}, x0, x0, generator);
    CHECK(mean(noisy.x * noisy.x).item() == doctest::Approx(0.25).epsilon(0.1));
    CHECK(support::close(sample_path(CircularPath{}, x0, x0, generator).x, x0, 1e-6));
}

TEST_CASE("paths: errors") {
    const auto x = zeros<float>({3, 2});
    CHECK_THROWS_WITH_AS(path_at(StraightPath{}, x, zeros<float>({2, 2}), zeros<float>({3})),
                         "path_at: x0 (3, 2) and x1 (2, 2) are no pairs of events", ShapeError);
    CHECK_THROWS_WITH_AS(path_at(StraightPath{}, x, x, zeros<float>({2})),
                         "path_at: t (2,) has no time for each event of (3, 2)", ShapeError);
    CHECK_THROWS_AS(sample_path(StraightPath{}, x, zeros<float>({3})), ShapeError);
}
