// GGUF files for tests, written by hand: also such as nobody may write.
#pragma once

#include <tapegrad/io/bytes.hpp>

#include <vector>

struct GgufText {
    static std::string number(std::uint32_t n) {
        std::string out;
        tapegrad::detail::append_little(out, n);
        return out;
    }
    static std::string number(std::uint64_t n) {
        std::string out;
        tapegrad::detail::append_little(out, n);
        return out;
    }
    static std::string sized(const std::string& text) { return number(std::uint64_t{text.size()}) + text; }
    static std::string list(std::uint32_t type, std::uint64_t count, const std::string& values) {
        return number(type) + number(count) + values;
    }

    GgufText& value(const std::string& key, std::uint32_t type, const std::string& bytes) {
        keys += sized(key) + number(type) + bytes;
        ++key_count;
        return *this;
    }
    GgufText& tensor(const std::string& name, const std::vector<std::uint64_t>& sizes, std::uint32_t type,
                     std::uint64_t offset) {
        tensors += sized(name) + number(static_cast<std::uint32_t>(sizes.size()));
        for (const std::uint64_t size : sizes) tensors += number(size);
        tensors += number(type) + number(offset);
        ++tensor_count;
        return *this;
    }
    std::string whole() const {
        std::string out = magic + number(version) + number(tensor_count) + number(key_count) + keys + tensors;
        if (pad) out.append((alignment - out.size() % alignment) % alignment, '\0');
        return out + data;
    }

    std::string magic = "GGUF", keys, tensors, data;
    std::uint32_t version = 3;
    std::uint64_t tensor_count = 0, key_count = 0;
    std::size_t alignment = 32;
    bool pad = true;
};
