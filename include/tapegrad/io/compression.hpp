// deflate and gzip through zlib, for programs that are built with it (TAPEGRAD_WITH_ZLIB, in CMake the target
// tapegrad::zlib). Without it, what is compressed is refused. What is compressed is hostile: the caller says how
// much may come out of it.
#pragma once

#include <algorithm>
#include <new>
#include <vector>

#include "../core/error.hpp"
#include "bytes.hpp"
#ifdef TAPEGRAD_WITH_ZLIB
#include <zlib.h>
#endif

namespace tapegrad::inline TAPEGRAD_ISA {

/// Why compressed data was refused, and how many bytes into it. A reader of files makes an IoError of it.
struct InflateFailure {
    std::int64_t offset;
    const char* reason;
};

namespace detail {

/// The library behind the functions below. A translation unit that is built with zlib fills it in for the whole
/// program, and no code that uses it differs from one translation unit to another.
struct Compression {
    std::vector<std::byte> (*inflate)(Bytes in, std::int64_t limit, bool cut, int format) = nullptr;
    std::string (*deflate)(Bytes in, int format) = nullptr;
};
inline constinit Compression compression;

/// What zlib calls window bits: a raw stream, or one with the head and tail of gzip.
inline constexpr int deflate_format = -15, gzip_format = 15 + 16;
inline constexpr const char* no_compression =
    "it is compressed; to read and write such files, build with -DTAPEGRAD_WITH_ZLIB and -lz, in CMake with "
    "tapegrad::zlib";

#ifdef TAPEGRAD_WITH_ZLIB

inline constexpr std::size_t zlib_piece = std::size_t{1} << 30;  // zlib counts in 32 bits

/// zlib's state at a place of `in`; its end is freed with it.
struct ZlibStream : z_stream {
    ZlibStream(int (*end)(z_stream*), Bytes in) : z_stream{}, end_(end), in_(in) {}
    ~ZlibStream() { end_(this); }
    ZlibStream(const ZlibStream&) = delete;
    ZlibStream& operator=(const ZlibStream&) = delete;

    std::size_t used = 0, made = 0;

    /// One call of `step`, from what is left of the input to behind what is there of the output.
    template <class Out>
    int advance(int (*step)(z_stream*, int), int flush, Out& out) {
        auto* const from = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in_.data())) + used;
        auto* const to = reinterpret_cast<Bytef*>(out.data()) + made;
        next_in = from;
        avail_in = static_cast<uInt>(std::min(in_.size() - used, zlib_piece));
        next_out = to;
        avail_out = static_cast<uInt>(std::min(out.size() - made, zlib_piece));
        const int code = step(this, flush);
        used += static_cast<std::size_t>(next_in - from);
        made += static_cast<std::size_t>(next_out - to);
        return code;
    }

private:
    int (*end_)(z_stream*);
    Bytes in_;
};

inline std::vector<std::byte> zlib_inflate(Bytes in, std::int64_t limit, bool cut, int format) {
    ZlibStream stream(::inflateEnd, in);
    if (inflateInit2(&stream, format) != Z_OK) throw std::bad_alloc();
    const auto fail = [&](const char* reason) {
        throw InflateFailure{static_cast<std::int64_t>(stream.used), reason};
    };
    const auto most = static_cast<std::size_t>(limit);
    std::vector<std::byte> out;
    for (int code = Z_OK; code != Z_STREAM_END && !(cut && stream.made >= most);) {
        // Room grows with what has come out, never with what is promised; the byte more shows an excess.
        out.resize(stream.made + std::min(most - stream.made, std::max(stream.made, std::size_t{1} << 16)) +
                   1);
        code = stream.advance(::inflate, Z_NO_FLUSH, out);
        if (code == Z_MEM_ERROR) throw std::bad_alloc();
        if (code == Z_BUF_ERROR) fail("the compressed data ends early");
        if (code != Z_OK && code != Z_STREAM_END)
            fail(stream.msg != nullptr ? stream.msg : "no compressed data");
        if (!cut && stream.made > most) fail("more comes out than belongs there");
    }
    if (!cut && stream.used != in.size()) fail("bytes follow the compressed data");
    out.resize(std::min(stream.made, most));
    return out;
}

inline std::string zlib_deflate(Bytes in, int format) {
    ZlibStream stream(::deflateEnd, in);
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out;
    for (int code = Z_OK; code != Z_STREAM_END;) {
        out.resize(stream.made + std::max(stream.made, std::size_t{1} << 16));
        code = stream.advance(::deflate, in.size() - stream.used <= zlib_piece ? Z_FINISH : Z_NO_FLUSH, out);
    }
    out.resize(stream.made);
    return out;
}

inline const bool zlib_is_there = (compression = {zlib_inflate, zlib_deflate}, true);

#endif

inline std::vector<std::byte> inflate_format(Bytes in, std::int64_t limit, bool cut, int format) {
    if (compression.inflate == nullptr) throw InflateFailure{0, no_compression};
    return compression.inflate(in, limit, cut, format);
}

}

/// The bytes of a raw deflate stream, which is all of `in`. More than `limit` are refused.
/// Throws   InflateFailure
inline std::vector<std::byte> inflate_raw(Bytes in, std::int64_t limit) {
    return detail::inflate_format(in, limit, false, detail::deflate_format);
}

/// `data` as a raw deflate stream.
/// Throws   IoError: zlib is not there
inline std::string deflate_raw(Bytes data) {
    if (detail::compression.deflate == nullptr)
        detail::fail<IoError>("deflate", "the file cannot be written: ", detail::no_compression);
    return detail::compression.deflate(data, detail::deflate_format);
}

/// True when the data begins as gzip's does.
inline bool is_gzip(Bytes in) {
    return in.size() >= 2 && in[0] == std::byte{0x1F} && in[1] == std::byte{0x8B};
}
/// The bytes of a gzip file of one member; its checksum and length are checked. More than `limit` are refused;
/// with `cut` the first `limit` of them, and what follows is not looked at.
/// Throws   InflateFailure
inline std::vector<std::byte> inflate_gzip(Bytes in, std::int64_t limit, bool cut = false) {
    return detail::inflate_format(in, limit, cut, detail::gzip_format);
}

}
