// PNG pictures of 8 bits a channel through libpng, for programs that are built with it (TAPEGRAD_WITH_PNG, in CMake
// the target tapegrad::png): grey, RGB, and both with alpha; palettes are read as the colours they mean.
#pragma once

#include <limits>
#include <vector>

#include "../tensor/copy.hpp"
#include "atomic_file.hpp"
#ifdef TAPEGRAD_WITH_PNG
#include <png.h>
#endif

namespace tapegrad::inline TAPEGRAD_ISA {

#ifdef TAPEGRAD_WITH_PNG

struct PngOptions {
    /// A picture of more bytes is refused before there is memory for it.
    int64_t limit = int64_t{1} << 29;
};

/// The picture of a PNG file, as torchvision's `read_image` gives it: sRGB, 1, 2 and 4 bits a channel as 8.
/// Shape    (channels, height, width): 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
/// Throws   IoError: no such file, no PNG file or a damaged one, 16 bits a channel, or a picture above the limit
inline Tensor<uint8_t> load_png(const std::string& path, PngOptions options = {});

/// The bytes of a PNG file of the picture.
/// Shape    (height, width), or (channels, height, width) with 1 to 4 channels as load_png has them
/// Throws   ShapeError: another shape, no pixels, or more than a PNG file may have
inline std::string encode_png(const Tensor<uint8_t>& image);

/// Writes a picture, under a temporary name that becomes `path` when all is on the disk.
/// Shape    as encode_png
/// Throws   ShapeError: as encode_png; IoError: the file cannot be written
inline void save_png(const std::string& path, const Tensor<uint8_t>& image);

namespace detail {
/// What libpng holds of a picture; freed with it, also on the way of an error.
struct PngImage : png_image {
    PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
    ~PngImage() { png_image_free(this); }
    PngImage(const PngImage&) = delete;
    PngImage& operator=(const PngImage&) = delete;
};
}

inline Tensor<uint8_t> load_png(const std::string& path, PngOptions options) {
    const InputFile file("png", path);
    std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
    file.read(0, bytes.data(), file.size());
    detail::PngImage image;
    const auto check = [&](bool right, const auto&... parts) {
        if (!right) detail::fail<IoError>("png", path, ": ", parts...);
    };
    check(!bytes.empty(), "the file is empty");
    check(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0, image.message);
    const int64_t height = image.height, width = image.width, pixels = height * width;
    check((image.format & PNG_FORMAT_FLAG_LINEAR) == 0, "16 bits a channel; at most 8 are supported");
    image.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
    const int64_t channels = PNG_IMAGE_PIXEL_CHANNELS(image.format);
    check(pixels <= options.limit / channels, "a picture of ", width, " x ", height, " with ", channels,
          " channels is above the limit of ", options.limit, " bytes");
    // From pixels with channels side by side to channels one behind the other.
    Tensor<uint8_t> x = empty<uint8_t>({height, width, channels});
    const bool read = png_image_finish_read(&image, nullptr, detail::output(x), 0, nullptr) != 0;
    check(read, image.message);
    return detail::contiguous(detail::view_of(x, {channels, height, width}, {1, width * channels, channels}));
}

inline std::string encode_png(const Tensor<uint8_t>& picture) {
    const bool planes = picture.rank() == 3;
    const int64_t channels = planes ? picture.size(0) : 1;
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    if ((picture.rank() != 2 && !planes) || channels < 1 || channels > 4 || picture.numel() == 0 ||
        picture.size(-1) > most || picture.size(-2) > most)
        detail::fail<ShapeError>("png", "a picture of shape ", picture.shape(),
                                 " is not (height, width) or (1 to 4, height, width)");
    const int64_t height = picture.size(-2), width = picture.size(-1);
    // As pixels: the axis of the channels goes last.
    const Tensor<uint8_t> pixels =
        planes ? detail::contiguous(
                     detail::view_of(picture, {height, width, channels},
                                     {picture.strides()[1], picture.strides()[2], picture.strides()[0]}))
               : detail::contiguous(picture);
    constexpr png_uint_32 formats[] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};
    detail::PngImage image;
    image.height = static_cast<png_uint_32>(height);
    image.width = static_cast<png_uint_32>(width);
    image.format = formats[channels];
    // The most that it may take, which is a little more than the pixels.
    png_alloc_size_t size = static_cast<png_alloc_size_t>(picture.numel() + height);
    size += size / 1000 + 12 * (size / 8192 + 1) + 1024;
    std::string out(size, '\0');
    if (png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
        detail::fail<ShapeError>("png", "a picture of shape ", picture.shape(), ": ", image.message);
    out.resize(size);
    return out;
}

inline void save_png(const std::string& path, const Tensor<uint8_t>& image) {
    const std::string bytes = encode_png(image);
    AtomicFile file("png", path);
    file.write(bytes.data(), static_cast<int64_t>(bytes.size()));
    file.commit();
}

#else

namespace detail {
template <class... Arguments>
void need_png() {
    static_assert(sizeof...(Arguments) == 0,
                  "PNG: build with -DTAPEGRAD_WITH_PNG and -lpng, in CMake with tapegrad::png");
}
}
// Nothing is called that is not there, and what would call it says so when it is compiled.
template <class... Arguments>
Tensor<uint8_t> load_png(const std::string&, const Arguments&...) {
    detail::need_png<void, Arguments...>();
    return {};
}
template <class T>
std::string encode_png(const Tensor<T>&) {
    detail::need_png<T>();
    return {};
}
template <class T>
void save_png(const std::string&, const Tensor<T>&) {
    detail::need_png<T>();
}

#endif

}
