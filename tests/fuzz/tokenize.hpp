// What is done with a tokenizer that a fuzzer has made.
#pragma once

#include <tapegrad/text/tokenizer.hpp>

#include "memory_file.hpp"

namespace fuzz {

/// Reads a tokenizer, which may be refused with an IoError, and turns a text into ids and back.
template <class Load>
void tokenize(Load load) {
    using namespace tapegrad;
    try {
        const Tokenizer tokenizer = load();
        try {
            const std::vector<int64_t> ids = tokenizer.encode(
                "Hello, w\xc3\xb6rld!  1234\n\xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80 <s> a\xff");
            static_cast<void>(tokenizer.decode(ids));
            static_cast<void>(tokenizer.decode({0, 1, 2, 3}));
        } catch (const Error&) {  // a text or ids that this one has no tokens for
        }
    } catch (const IoError&) {
    }
}

}
