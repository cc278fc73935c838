// PNG pictures of 8 bits a channel: grey, RGB, and both with alpha; palettes are read as RGB.
// https://www.w3.org/TR/png-3/
#pragma once

#include "../tensor/copy.hpp"
#include "png_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
/// From pixels with channels side by side to channels one behind the other, and back.
inline void planes_from_pixels(const std::uint8_t* from, std::uint8_t* to, int64_t pixels, int64_t channels) {
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t i = 0; i < pixels; ++i) *to++ = from[i * channels + c];
}
}

/// The picture of a PNG file, as torchvision's `read_image` gives it.
/// Shape    (channels, height, width): 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
/// Throws   IoError: no such file, anything in it that is not as the format says, 1, 2, 4 or 16 bits a
///          channel, or an interlaced picture
inline Tensor<uint8_t> load_png(const std::string& path) {
    const InputFile file("png", path);
    const detail::PngPicture picture = detail::PngReader(file).read();
    Tensor<uint8_t> x = empty<uint8_t>({picture.channels, picture.height, picture.width});
    detail::planes_from_pixels(picture.pixels.data(), detail::output(x), picture.height * picture.width,
                               picture.channels);
    return x;
}

/// The bytes of a PNG file of the picture.
/// Shape    (height, width), or (channels, height, width) with 1 to 4 channels as load_png has them
/// Throws   ShapeError: another shape, or no pixels
inline std::string encode_png(const Tensor<uint8_t>& image) {
    const bool planes = image.rank() == 3;
    const int64_t channels = planes ? image.size(0) : 1;
    if ((image.rank() != 2 && !planes) || channels < 1 || channels > 4 || image.numel() == 0 ||
        image.size(-1) > INT32_MAX || image.size(-2) > INT32_MAX)
        detail::fail<ShapeError>("png", "a picture of shape ", image.shape(),
                                 " is not (height, width) or (1 to 4, height, width)");
    const int64_t height = image.size(-2), width = image.size(-1);
    // As pixels: the axis of the channels goes last.
    const Tensor<uint8_t> pixels = planes ? detail::contiguous(detail::view_of(
                                                image, {height, width, channels},
                                                {image.strides()[1], image.strides()[2], image.strides()[0]}))
                                          : detail::contiguous(image);
    return detail::png_file(pixels.data(), height, width, channels);
}

/// Writes a picture, under a temporary name that becomes `path` when all is on the disk.
/// Shape    as encode_png
/// Throws   ShapeError: as encode_png; IoError: the file cannot be written
inline void save_png(const std::string& path, const Tensor<uint8_t>& image) {
    const std::string bytes = encode_png(image);
    AtomicFile file("png", path);
    file.write(bytes.data(), static_cast<int64_t>(bytes.size()));
    file.commit();
}

}
