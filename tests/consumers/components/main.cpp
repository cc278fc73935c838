// Writes a compressed archive and a picture and reads them again, with the libraries that the components bring.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <tapegrad/io/npz.hpp>
#include <tapegrad/io/png.hpp>
#include <tapegrad/tensor/creation.hpp>

int main() {
    using namespace tapegrad;
    const Tensor<uint8_t> picture{{0, 85}, {170, 255}};
    save_png("picture.png", picture);
    const Tensor<uint8_t> seen = load_png("picture.png");
    const bool same = std::equal(picture.data(), picture.data() + 4, seen.data(), seen.data() + seen.numel());

    StateDict content;
    content.add("fives", full<float>({1000}, 5.0f));
    save_npz("archive.npz", content, {.compressed = true});
    const Tensor<float> fives = NpzFile("archive.npz").load<float>("fives");
    const bool whole = fives.numel() == 1000 && std::count(fives.data(), fives.data() + 1000, 5.0f) == 1000;
    const bool small = std::filesystem::file_size("archive.npz") < 1000;

    std::printf("picture %s, archive %s and %s\n", same ? "same" : "different", whole ? "whole" : "damaged",
                small ? "compressed" : "not compressed");
    return same && whole && small ? 0 : 1;
}
