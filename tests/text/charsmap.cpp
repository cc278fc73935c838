#include <tapegrad/text/charsmap.hpp>

#include <doctest/doctest.h>

#include <map>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {
const InputFile& file() {
    static const TemporaryFolder folder;
    static const InputFile f = [] {
        write_text(folder / "x", "");
        return InputFile("charsmap", folder / "x");
    }();
    return f;
}
detail::CharsMap map_of(const std::vector<std::uint32_t>& units, const std::string& rest) {
    std::string bytes;
    detail::append_little(bytes, static_cast<std::uint32_t>(units.size() * 4));
    for (const std::uint32_t unit : units) detail::append_little(bytes, unit);
    return {file(), bytes + rest, 0};
}
/// "a" becomes "x", "ab" becomes "yz": three nodes far enough apart that no units meet.
std::vector<std::uint32_t> two_rules() {
    std::vector<std::uint32_t> units(1024, 0x80000000);
    units[0] = 256u << 10;                                           // children of the root at 256 ^ byte
    units[256 ^ 'a'] = 'a' | 1u << 8 | ((256u ^ 'a' ^ 512u) << 10);  // leaf at 512, children at 512 ^ byte
    units[512] = 0x80000000;                                         // value 0
    units[512 ^ 'b'] = 'b' | 1u << 8 | ((512u ^ 'b' ^ 768u) << 10);
    units[768] = 0x80000002;  // value 2
    return units;
}
}

TEST_CASE("charsmap: the longest rule") {
    const auto map = map_of(two_rules(), std::string("x\0yz\0", 5));
    CHECK(map.longest("a", 0).replacement == "x");
    CHECK(map.longest("ac", 0).length == 1);
    CHECK(map.longest("cab", 1).replacement == "yz");
    CHECK(map.longest("abb", 0).length == 2);
    CHECK(map.longest("b", 0).length == 0);
    CHECK(map.longest("\xff", 0).length == 0);
    CHECK(map.longest("", 0).length == 0);
    CHECK(!map.empty());
    CHECK(detail::CharsMap(file(), "", 0).empty());
    CHECK(detail::CharsMap().longest("a", 0).length == 0);
}

TEST_CASE("charsmap: what is refused") {
    CHECK_THROWS_AS(detail::CharsMap(file(), "abc", 0), IoError);
    CHECK_THROWS_AS(detail::CharsMap(file(), std::string_view("\0\0\0\0x", 5), 0), IoError);
    CHECK_THROWS_AS(detail::CharsMap(file(), std::string_view("\3\0\0\0xyz", 7), 0), IoError);
    CHECK_THROWS_AS(detail::CharsMap(file(), std::string_view("\x08\0\0\0xyzw", 8), 0), IoError);
    CHECK_THROWS_AS(detail::CharsMap(file(),
                                     std::string_view("\xff\xff\xff\xff"
                                                      "xyzw",
                                                      8),
                                     0),
                    IoError);
    CHECK_THROWS_AS(map_of(two_rules(), "x"), IoError);                     // value 2 is outside
    CHECK_THROWS_AS(map_of(two_rules(), std::string(2000, 'x')), IoError);  // too long
    auto units = two_rules();
    units[256 ^ 'a'] = 'a' | 1u << 8 | (4096u << 10);  // the leaf is outside
    CHECK_THROWS_AS(map_of(units, std::string("x\0yz\0", 5)), IoError);
    units[256 ^ 'a'] = 'a' | ((256u ^ 'a' ^ 256u) << 10);  // a circle
    CHECK_NOTHROW(map_of(units, "").longest(std::string(100, 'a'), 0));
}
