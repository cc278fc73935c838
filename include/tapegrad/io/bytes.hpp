// Numbers as bytes of either order, and the checksums that file formats ask for.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

using Bytes = std::span<const std::byte>;

namespace detail {

/// The bytes of each element turned round.
inline void reverse_bytes(std::byte* data, std::int64_t count, std::size_t size) {
    for (std::int64_t i = 0; i < count; ++i, data += size)
        for (std::size_t a = 0, b = size - 1; a < b; ++a, --b) std::swap(data[a], data[b]);
}

/// A number of sizeof(U) bytes, the least significant first.
template <class U>
U little(const void* from) {
    std::byte bytes[sizeof(U)];
    std::memcpy(bytes, from, sizeof(U));
    if constexpr (std::endian::native == std::endian::big) reverse_bytes(bytes, 1, sizeof(U));
    return std::bit_cast<U>(bytes);
}
/// The same, the most significant first.
template <class U>
U big(const void* from) {
    std::byte bytes[sizeof(U)];
    std::memcpy(bytes, from, sizeof(U));
    if constexpr (std::endian::native == std::endian::little) reverse_bytes(bytes, 1, sizeof(U));
    return std::bit_cast<U>(bytes);
}
template <class U>
void append_little(std::string& out, U value) {
    for (std::size_t i = 0; i < sizeof(U); ++i)
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i) & 0xFF));
}

/// The remainders of all bytes, of a polynomial with its bits in reverse.
constexpr std::array<std::uint32_t, 256> crc_table(std::uint32_t polynomial) {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t r = byte;
        for (int bit = 0; bit < 8; ++bit) r = (r & 1) != 0 ? r >> 1 ^ polynomial : r >> 1;
        table[byte] = r;
    }
    return table;
}
inline constexpr std::array<std::uint32_t, 256> crc32_table = crc_table(0xEDB88320u);
inline constexpr std::array<std::uint32_t, 256> crc32c_table = crc_table(0x82F63B78u);

inline std::uint32_t crc(const std::array<std::uint32_t, 256>& table, Bytes data, std::uint32_t before) {
    std::uint32_t r = ~before;
    for (const std::byte b : data) r = r >> 8 ^ table[(r ^ static_cast<std::uint32_t>(b)) & 0xFF];
    return ~r;
}

}

inline Bytes as_bytes(const void* data, std::int64_t n) {
    return {static_cast<const std::byte*>(data), static_cast<std::size_t>(n)};
}
inline Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

/// The CRC-32 of zip archives; `before` is that of what precedes.
inline std::uint32_t crc32(Bytes data, std::uint32_t before = 0) {
    return detail::crc(detail::crc32_table, data, before);
}
/// CRC-32C (Castagnoli), of TensorBoard's records.
inline std::uint32_t crc32c(Bytes data, std::uint32_t before = 0) {
    return detail::crc(detail::crc32c_table, data, before);
}

}
