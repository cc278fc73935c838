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

/// Encodes every text and decodes what the reference made of it; the file has [ids, text] for each.
inline void check(const Tokenizer& tokenizer, const std::string& name, EncodeOptions encode,
                  DecodeOptions decode = {.skip_special = false}) {
    const detail::JsonValue expected = read_json(golden("text_" + name + ".json"));
    REQUIRE(expected.items.size() == strings().size());
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
        CAPTURE(strings()[i]);
        std::vector<int64_t> ids;
        for (const auto& id : expected.items[i].items[0].items) ids.push_back(id.number);
        CHECK(tokenizer.encode(strings()[i], encode) == ids);
        CHECK(replace_malformed(tokenizer.decode(ids, decode)) == expected.items[i].items[1].text);
    }
}

}
