#include <tapegrad/train/log.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <cmath>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("log: a table of steps, whole after every line") {
    const TemporaryFolder folder;
    const std::string path = folder / "run.csv";
    CsvLog log(path, {"loss", "a, b"});
    CHECK(read_text(path) == "step,loss,\"a, b\"\n");
    log.write(1, {{"a, b", 0.1}, {"loss", 2.5}});
    CHECK(read_text(path) == "step,loss,\"a, b\"\n1,2.5,0.1\n");
    log.write(2, {{"loss", not_a_number}});
    log.write(3, {{"a, b", -inf}, {"loss", 1e-9}});
    CHECK(read_text(path).ends_with("\n2,nan,\n3,1e-09,-inf\n"));
    const CsvTable table = read_csv(path);
    CHECK(table.column<int64_t>("step")(2) == 3);
    CHECK(std::isnan(table.column<double>("loss")(1)));
    CHECK_THROWS_WITH_AS(log.write(4, {{"acc", 1}}), ("csv: " + path + ": there is no column 'acc'").c_str(),
                         ValueError);
}

TEST_CASE("log: objects of steps") {
    const TemporaryFolder folder;
    const std::string path = folder / "run.jsonl";
    JsonlLog log(path);
    log.write(1, {{"loss", 0.1}, {"a \"b\"", 3}});
    log.write(2, {{"loss", not_a_number}, {"x", inf}});
    CHECK(read_text(path) ==
          "{\"step\":1,\"loss\":0.1,\"a \\\"b\\\"\":3}\n{\"step\":2,\"loss\":null,\"x\":null}\n");
    CHECK_THROWS_AS(log.write(3, {{"\xff", 1}}), ValueError);
}

TEST_CASE("log: a run goes on behind its checkpoint") {
    const TemporaryFolder folder;
    const std::string csv = folder / "run.csv", jsonl = folder / "run.jsonl";
    const auto run = [&](int64_t from, int64_t to, int64_t resume) {
        CsvLog a(csv, {"loss"}, {.resume_step = resume});
        JsonlLog b(jsonl, {.resume_step = resume});
        for (int64_t step = from; step <= to; ++step) {
            const double loss = 1.0 / static_cast<double>(step);
            a.write(step, {{"loss", loss}});
            b.write(step, {{"loss", loss}});
        }
    };
    run(1, 12, -1);
    const std::string whole_csv = read_text(csv), whole_jsonl = read_text(jsonl);
    run(1, 8, 0);
    // A run that was killed in the middle of a line.
    write_text(csv, read_text(csv) + "9,0.1");
    write_text(jsonl, read_text(jsonl) + "{\"step\":9,\"lo");
    run(6, 12, 5);
    CHECK(read_text(csv) == whole_csv);
    CHECK(read_text(jsonl) == whole_jsonl);
    run(1, 2, -1);
    CHECK(read_text(csv) == "step,loss\n1,1\n2,0.5\n");
    std::filesystem::remove(csv);
    CsvLog fresh(csv, {"loss"}, {.resume_step = 5});
    CHECK(read_text(csv) == "step,loss\n");
}

TEST_CASE("log: errors") {
    const TemporaryFolder folder;
    const std::string path = folder / "run";
    write_text(path, "step,loss\n1,2\n");
    CHECK_THROWS_WITH_AS(CsvLog(path, {"accuracy"}, {.resume_step = 1}),
                         ("csv: " + path + ": at byte 0: the columns are not those of this run").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(JsonlLog(path, {.resume_step = 1}),
                         ("jsonl: " + path + ": at byte 0: a line without a step").c_str(), IoError);
    CHECK_THROWS_AS(JsonlLog(folder / "missing/run"), IoError);
}
