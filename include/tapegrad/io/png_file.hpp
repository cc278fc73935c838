// The chunks, filters and compression of a PNG file, on rows of bytes. io/png.hpp makes tensors of them.
#pragma once

#include <cstdlib>

#include "atomic_file.hpp"
#include "byte_source.hpp"
#include "deflate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Rows of pixels, the channels of each side by side.
struct PngPicture {
    int64_t width = 0, height = 0, channels = 0;
    std::vector<std::uint8_t> pixels;
};

/// Of the neighbours to the left, above and diagonally, the one that is nearest to left + above - diagonal.
inline std::uint8_t paeth(int left, int above, int diagonal) {
    const int p = left + above - diagonal;
    const int a = std::abs(p - left), b = std::abs(p - above), c = std::abs(p - diagonal);
    return static_cast<std::uint8_t>(a <= b && a <= c ? left : b <= c ? above : diagonal);
}
/// What filter `kind` predicts for byte i of a row; `step` bytes a pixel.
inline std::uint8_t predicted(int kind, const std::uint8_t* row, const std::uint8_t* above, int64_t i,
                              int64_t step) {
    const int left = i >= step ? row[i - step] : 0, up = above[i], diagonal = i >= step ? above[i - step] : 0;
    switch (kind) {
        case 1:
            return static_cast<std::uint8_t>(left);
        case 2:
            return static_cast<std::uint8_t>(up);
        case 3:
            return static_cast<std::uint8_t>((left + up) / 2);
        case 4:
            return paeth(left, up, diagonal);
        default:
            return 0;
    }
}

inline constexpr char png_mark[] = "\x89PNG\r\n\x1a\n";

class PngReader {
public:
    explicit PngReader(const InputFile& file) : file_(file) {}

    PngPicture read() {
        char mark[8]{};
        file_.read(0, mark, std::min<int64_t>(8, file_.size()));
        if (std::memcmp(mark, png_mark, 8) != 0)
            file_.fail(0, "no PNG file: it does not begin with its mark");
        int64_t at = 8;
        while (!ended_) at = chunk(at);
        if (at != file_.size()) file_.fail(at, "bytes follow the last chunk");
        if (packed_.empty()) file_.fail(at, "the picture is missing");
        return unpack();
    }

private:
    /// Reads one chunk; returns where the next begins.
    int64_t chunk(int64_t at) {
        std::byte head[8], tail[4];
        file_.read(at, head, 8);
        const int64_t length = big<std::uint32_t>(head);
        std::string type(reinterpret_cast<const char*>(head) + 4, 4);
        for (char& c : type)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) c = '?';
        if (length > file_.size() - at - 12)
            file_.fail(at, "chunk ", type, " of ", length, " bytes in a file of ", file_.size());
        std::vector<std::byte> data(static_cast<std::size_t>(length));
        file_.read(at + 8, data.data(), length);
        file_.read(at + 8 + length, tail, 4);
        if (crc32(data, crc32(Bytes(head).subspan(4))) != big<std::uint32_t>(tail))
            file_.fail(at, "chunk ", type, ": the checksum differs");
        if (at == 8 && type != "IHDR") file_.fail(at, "the first chunk is ", type, ", not IHDR");
        if (type == "IHDR")
            header(data, at);
        else if (type == "PLTE")
            palette(std::move(data), at);
        else if (type == "IDAT")
            picture(data, at);
        else if (type == "IEND")
            ended_ = true;
        else if (type[0] < 'a')
            file_.fail(at, "the chunk ", type, " is not known, and must be");
        last_ = type;
        return at + 12 + length;
    }
    void header(Bytes data, int64_t at) {
        if (at != 8 || data.size() != 13) file_.fail(at, "IHDR of ", data.size(), " bytes, or a second one");
        const auto field = [&](std::size_t i) { return static_cast<int>(data[i]); };
        picture_.width = big<std::uint32_t>(data.data());
        picture_.height = big<std::uint32_t>(data.data() + 4);
        if (picture_.width == 0 || picture_.height == 0 || picture_.width > INT32_MAX ||
            picture_.height > INT32_MAX)
            file_.fail(at + 8, "a picture of ", picture_.width, " x ", picture_.height);
        if (field(8) != 8) file_.fail(at + 16, field(8), " bits a channel; 8 are supported");
        colour_ = field(9);
        constexpr int channels[] = {1, 0, 3, 1, 2, 0, 4};
        if (colour_ > 6 || channels[colour_] == 0)
            file_.fail(at + 17, "colours of the unknown kind ", colour_);
        step_ = channels[colour_];
        if (field(10) != 0 || field(11) != 0)
            file_.fail(at + 18, "compression ", field(10), " and filters ", field(11), "; both must be 0");
        if (field(12) != 0) file_.fail(at + 20, "interlacing ", field(12), "; only 0 is supported");
    }
    void palette(std::vector<std::byte> data, int64_t at) {
        if (data.empty() || data.size() % 3 != 0 || data.size() > 768 || !packed_.empty() ||
            !palette_.empty())
            file_.fail(at, "a palette of ", data.size(), " bytes, or out of place");
        palette_ = std::move(data);
    }
    void picture(Bytes data, int64_t at) {
        if (!packed_.empty() && last_ != "IDAT") file_.fail(at, "a part of the picture behind other chunks");
        if (packed_.empty()) picture_begin_ = at + 8;
        packed_.insert(packed_.end(), data.begin(), data.end());
    }

    PngPicture unpack() {
        const int64_t row = picture_.width * step_;  // at most 2^33
        int64_t bytes = 0;
        // Deflate makes at most 1032 bytes of one.
        if (__builtin_mul_overflow(row + 1, picture_.height, &bytes) ||
            bytes / 1032 > static_cast<int64_t>(packed_.size()))
            file_.fail(picture_begin_, "a picture of ", picture_.width, " x ", picture_.height,
                       " does not fit into ", packed_.size(), " bytes");
        std::vector<std::byte> raw;
        try {
            raw = inflate_zlib(packed_, bytes);
        } catch (const InflateFailure& failure) {
            file_.fail(picture_begin_, failure.reason, ", ", failure.offset, " bytes into the picture");
        }
        if (static_cast<int64_t>(raw.size()) != bytes)
            file_.fail(picture_begin_, "the picture has ", raw.size(), " bytes, ", picture_.width, " x ",
                       picture_.height, " needs ", bytes);
        std::vector<std::uint8_t> out(static_cast<std::size_t>(row * picture_.height));
        const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(row));
        for (int64_t y = 0; y < picture_.height; ++y) {
            const auto* from = reinterpret_cast<const std::uint8_t*>(raw.data()) + y * (row + 1);
            if (*from > 4) file_.fail(picture_begin_, "row ", y, " has the unknown filter ", int{*from});
            std::uint8_t* const to = out.data() + y * row;
            const std::uint8_t* const above = y == 0 ? zeros.data() : to - row;
            for (int64_t i = 0; i < row; ++i)
                to[i] = static_cast<std::uint8_t>(from[i + 1] + predicted(*from, to, above, i, step_));
        }
        picture_.channels = colour_ == 3 ? 3 : step_;
        picture_.pixels = colour_ == 3 ? in_colour(out) : std::move(out);
        return std::move(picture_);
    }
    std::vector<std::uint8_t> in_colour(const std::vector<std::uint8_t>& numbers) const {
        std::vector<std::uint8_t> out;
        out.reserve(3 * numbers.size());
        for (const std::size_t n : numbers) {
            if (3 * n >= palette_.size())
                file_.fail(picture_begin_, "colour ", n, " of a palette of ", palette_.size() / 3);
            for (std::size_t c = 0; c < 3; ++c) out.push_back(static_cast<std::uint8_t>(palette_[3 * n + c]));
        }
        return out;
    }

    const InputFile& file_;
    PngPicture picture_;
    int colour_ = 0;
    int64_t step_ = 0, picture_begin_ = 0;
    std::vector<std::byte> palette_, packed_;
    std::string last_;
    bool ended_ = false;
};

/// Rows with the filter that leaves the smallest sum of differences, each by itself.
inline std::string filtered_rows(const std::uint8_t* pixels, int64_t height, int64_t row, int64_t step) {
    const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(row));
    std::string out, candidate(static_cast<std::size_t>(row), '\0'), best;
    for (int64_t y = 0; y < height; ++y, pixels += row) {
        const std::uint8_t* const above = y == 0 ? zeros.data() : pixels - row;
        int64_t least = INT64_MAX;
        int chosen = 0;
        for (int kind = 0; kind < 5; ++kind) {
            int64_t sum = 0;
            for (int64_t i = 0; i < row; ++i) {
                const int difference =
                    static_cast<std::int8_t>(pixels[i] - predicted(kind, pixels, above, i, step));
                candidate[static_cast<std::size_t>(i)] = static_cast<char>(difference);
                sum += std::abs(difference);
            }
            if (sum >= least) continue;
            least = sum;
            chosen = kind;
            best = candidate;
        }
        out += static_cast<char>(chosen);
        out += best;
    }
    return out;
}

inline std::string png_file(const std::uint8_t* pixels, int64_t height, int64_t width, int64_t channels) {
    std::string out(png_mark, 8);
    const auto chunk = [&](const std::string& type, const std::string& data) {
        append_big(out, static_cast<std::uint32_t>(data.size()));
        out += type;
        out += data;
        append_big(out, crc32(as_bytes(data), crc32(as_bytes(type))));
    };
    std::string head;
    append_big(head, static_cast<std::uint32_t>(width));
    append_big(head, static_cast<std::uint32_t>(height));
    constexpr char colour[] = {0, 0, 4, 2, 6};
    head += {8, colour[channels], 0, 0, 0};
    chunk("IHDR", head);
    const std::string packed =
        deflate_zlib(as_bytes(filtered_rows(pixels, height, width * channels, channels)));
    // A chunk has 31 bits for its length.
    for (std::size_t at = 0; at < packed.size(); at += 1u << 30) chunk("IDAT", packed.substr(at, 1u << 30));
    chunk("IEND", "");
    return out;
}

}
