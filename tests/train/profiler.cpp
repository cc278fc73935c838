#include <tapegrad/train/profiler.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/io/jsonl.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
ProfileRow row(const Profiler& profiler, const std::string& name) {
    for (const ProfileRow& r : profiler.rows())
        if (r.name == name) return r;
    return {};
}
}

TEST_CASE("profiler: calls, time, FLOP and bytes by operation") {
    Tensor<float> w = ones<float>({30, 20});
    w.requires_grad_();
    const auto x = ones<float>({10, 30});
    const auto start = std::chrono::steady_clock::now();
    Profiler profiler;
    for (int i = 0; i < 3; ++i) {
        const ProfileRegion region(profiler, "step \"" + std::to_string(i) + "\"");
        sum(exp(matmul(x, w))).backward();
    }
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const ProfileRow product = row(profiler, "matmul"), back = row(profiler, "matmul backward");
    CHECK(product.calls == 3);
    CHECK(product.flop == 3 * 2 * 10 * 20 * 30);
    CHECK(product.bytes == 3 * 4 * (10 * 30 + 30 * 20 + 10 * 20));
    CHECK(back.calls == 3);
    CHECK(back.flop == 2 * product.flop);
    CHECK(row(profiler, "exp").flop == 3 * 200);
    CHECK(row(profiler, "sum").flop == 3 * 200);
    CHECK(row(profiler, "mul").calls == 0);  // inside the backward of exp
    double seconds = 0;
    for (const ProfileRow& r : profiler.rows()) {
        CHECK(r.seconds > 0);
        seconds += r.seconds;
    }
    CHECK(seconds <= elapsed);
    const std::string table = profiler.table(2);
    CHECK(std::count(table.begin(), table.end(), '\n') == 4);
    CHECK(table.starts_with("operation "));
    CHECK(table.find("\nall ") != std::string::npos);

    const TemporaryFolder folder;
    profiler.save_trace(folder / "trace.json");
    const auto events = read_json(folder / "trace.json")["traceEvents"];
    CHECK(events.size() == 3 * 7);
    CHECK(events[0]["name"].get<std::string>() == "matmul");
    CHECK(events[0]["args"]["shape"].get<std::string>() == "(10, 20)");
    CHECK(events[6]["name"].get<std::string>() == "step \"0\"");
    double end = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(events[i]["ts"].get<double>() >= end - 0.002);
        end = events[i]["ts"].get<double>() + events[i]["dur"].get<double>();
    }
    CHECK(events[6]["ts"].get<double>() + events[6]["dur"].get<double>() >= end - 0.002);
}

TEST_CASE("profiler: one inside another, and none") {
    const auto x = ones<float>({4});
    {
        Profiler outer;
        {
            Profiler inner;
            static_cast<void>(exp(x));
            CHECK(row(inner, "exp").calls == 1);
        }
        static_cast<void>(exp(x));
        CHECK(row(outer, "exp").calls == 1);
    }
    static_cast<void>(exp(x));
    CHECK(!detail::watched);
    Profiler empty;
    CHECK(empty.rows().empty());
    CHECK(empty.table().find("all ") != std::string::npos);
    const TemporaryFolder folder;
    empty.save_trace(folder / "t");
    CHECK(read_json(folder / "t")["traceEvents"].empty());
    CHECK_THROWS_AS(empty.save_trace(folder / "missing/t"), IoError);
}
