#include <tapegrad/generation/stop_texts.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;

namespace {

/// What is shown of a text that comes in parts of n bytes; `parts` gets what each of them let through.
std::string shown(const std::vector<std::string>& stops, const std::string& whole, std::size_t n,
                  bool* stopped = nullptr) {
    StopTexts stop(stops);
    std::string out;
    for (std::size_t i = 0; i < whole.size(); i += n) out += stop.push(whole.substr(i, n));
    out += stop.finish();
    if (stopped != nullptr) *stopped = stop.stopped();
    CHECK(stop.finish().empty());
    return out;
}

}

TEST_CASE("stop texts: the same wherever the parts are cut") {
    const struct {
        std::vector<std::string> stops;
        std::string whole, want;
        bool stopped;
    } cases[] = {
        {{}, "anything", "anything", false},
        {{"\n\n"}, "one\ntwo\n\nthree", "one\ntwo", true},
        {{"User:"}, "well, Us and Use and User", "well, Us and Use and User", false},
        {{"User:"}, "UseUser:x", "Use", true},
        {{"aab"}, "aaab", "a", true},
        {{"xyz", "y"}, "wxyz", "wx", true},   // y is complete first
        {{"yz", "xyz"}, "wxyz!", "w", true},  // both at once: the one that began first
        {{"abcd", "bc"}, "abce", "a", true},
        {{"a"}, "a", "", true},
        {{"a"}, "", "", false},
    };
    for (const auto& c : cases)
        for (std::size_t n = 1; n < 12; ++n) {
            CAPTURE(c.whole);
            CAPTURE(n);
            bool stopped = false;
            CHECK(shown(c.stops, c.whole, n, &stopped) == c.want);
            CHECK(stopped == c.stopped);
        }
}

TEST_CASE("stop texts: what could be the beginning of one waits, and no more") {
    StopTexts stop({"END", "NO"});
    CHECK(stop.push("abc") == "abc");
    CHECK(stop.push("dE") == "d");
    CHECK(stop.push("N") == "");
    CHECK(stop.push("!") == "EN!");
    CHECK(stop.push("EEN") == "E");
    CHECK(stop.push("Dx") == "");
    CHECK(stop.stopped());
    CHECK(stop.push("more") == "");
    CHECK(stop.finish() == "");
    StopTexts other({"END"});
    CHECK(other.push("EN") == "");
    CHECK(other.finish() == "EN");
    CHECK(!other.stopped());
}

TEST_CASE("stop texts: errors") {
    CHECK(support::message<ValueError>([] {
              StopTexts({"a", ""});
          }) == "StopTexts: an empty text stops everything");
}
