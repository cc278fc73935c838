#include <tapegrad/io/gguf_types.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("gguf_types: by number and by name") {
    CHECK(detail::find_gguf_tensor_type(8)->name == "Q8_0");
    CHECK(detail::find_gguf_tensor_type("Q8_0")->id == 8);
    CHECK(detail::find_gguf_tensor_type("Q4_K")->bytes == 144);
    CHECK(detail::find_gguf_tensor_type("BF16")->dtype == static_cast<int>(DType::bfloat16));
    CHECK(detail::find_gguf_tensor_type("F32")->is_plain());
    CHECK(!detail::find_gguf_tensor_type("Q6_K")->is_plain());
    CHECK(detail::find_gguf_tensor_type(4) == nullptr);
    CHECK(detail::find_gguf_tensor_type("q8_0") == nullptr);
    // Of the plain ones, a block is an element.
    for (const auto& type : detail::gguf_tensor_types)
        if (type.is_plain())
            CHECK(itemsize(static_cast<DType>(type.dtype)) == static_cast<std::size_t>(type.bytes));
}
