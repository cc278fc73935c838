#include <tapegrad/train/progress.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace tapegrad;

TEST_CASE("progress: clock") {
    CHECK(clock_text(0) == "0:00");
    CHECK(clock_text(65.4) == "1:05");
    CHECK(clock_text(59.6) == "1:00");
    CHECK(clock_text(3600 * 2 + 3 * 60 + 4) == "2:03:04");
}

TEST_CASE("progress: plain lines off a terminal, at the last step and every so many") {
    std::FILE* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    Progress progress(10, 100, 1e6, 4, file);
    progress.validation(1.5);
    for (int64_t step = 1; step <= 10; ++step) progress.step(step, 2.0);
    std::rewind(file);
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    CHECK(text.find("step 4/10  train 2.0000  val 1.5000") == 0);
    CHECK(text.find("\nstep 8/10  train 2.0000") != std::string::npos);
    CHECK(text.find("\nstep 10/10  train 2.0000") != std::string::npos);
    CHECK(text.find("step 5/10") == std::string::npos);
    CHECK(text.find("tok/s") != std::string::npos);
    CHECK(text.find("ETA 0:00") != std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.back() == '\n');
}
