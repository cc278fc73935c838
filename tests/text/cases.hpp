// What the reference tokenizers made of the texts in tests/golden/text_strings.json.
#pragma once

#include <doctest/doctest.h>

#include <tapegrad/text/json_value.hpp>
#include <tapegrad/text/tokenizer.hpp>

#include "../io/temporary.hpp"

namespace cases {

using namespace tapegrad;

inline detail::JsonValue read_json(const std::string& path) {
    const InputFile file("json", path);
    detail::JsonTree tree(file);
    parse_json(detail::read_all(file), tree);
    return std::move(tree.root());
}
inline const std::vector<std::string>& strings() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> out;
        for (auto& value : read_json(golden("text_strings.json")).items) out.push_back(std::move(value.text));
        return out;
    }();
    return all;
}

/// Encodes every text and decodes what the reference made of it.
inline void check(const Tokenizer& tokenizer, const std::string& name, EncodeOptions encode,
                  DecodeOptions decode = {.skip_special = true}) {
    const detail::JsonValue expected = read_json(golden("text_" + name + ".json"));
    REQUIRE(expected.items.size() == strings().size());
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
        CAPTURE(strings()[i]);
        const auto& row = expected.items[i].items;
        std::vector<int64_t> ids;
        for (const auto& id : row[0].items) ids.push_back(id.number);
        CHECK(tokenizer.encode(strings()[i], encode) == ids);
        CHECK(replace_malformed(tokenizer.decode(ids, decode)) ==
              (row.size() == 1 ? strings()[i] : row[1].text));
    }
}

/// Changes bytes of a file, and cuts it, in many ways: each must be read or refused with an IoError.
template <class Load>
void check_hostile(const std::string& path, const std::string& good, int trials, Load load) {
    std::uint32_t state = 1;
    const auto random = [&](std::size_t n) {
        state = state * 1664525U + 1013904223U;
        return static_cast<std::size_t>(state >> 8) % n;
    };
    for (int trial = 0; trial < trials; ++trial) {
        std::string bad = good;
        if (trial % 3 == 0) bad.resize(random(good.size()));
        if (trial % 3 != 0)
            for (std::size_t k = 1 + random(4); k > 0; --k)
                bad[random(bad.size())] = static_cast<char>(random(256));
        if (trial % 3 == 2) bad.insert(random(bad.size()), bad, random(bad.size()), random(40));
        write_text(path, bad);
        CAPTURE(trial);
        try {
            load(path);
        } catch (const IoError&) {
        }
    }
}

}
