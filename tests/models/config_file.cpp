#include <tapegrad/models/config_file.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"
#include "../support/message.hpp"

using namespace tapegrad;

namespace {

/// The end of the error that reading `json` gives, behind the path.
template <class Read>
std::string error_of(const std::string& json, Read read) {
    const TemporaryFolder folder;
    write_text(folder / "config.json", json);
    const std::string found = support::message<IoError>([&] {
        const ConfigFile file(folder / "config.json");
        read(file);
    });
    return found.substr(found.find("config.json") + 11);
}
RotaryOptions rotary_of(const std::string& json) {
    const TemporaryFolder folder;
    write_text(folder / "config.json", json);
    const ConfigFile file(folder / "config.json");
    return detail::read_rotary(file.root(), 2048);
}
std::string rotary_error(const std::string& json) {
    return error_of(
        json, [](const ConfigFile& file) { static_cast<void>(detail::read_rotary(file.root(), 2048)); });
}

}

TEST_CASE("config_file: both forms of rotary parameters") {
    CHECK(rotary_of("{}").theta == 10000);
    CHECK(rotary_of(R"({"rope_theta": 5e5, "rope_scaling": null})").theta == 5e5);
    for (const char* json :
         {R"({"rope_theta": 5e5, "rope_scaling": {"type": "linear", "factor": 4}})",
          R"({"rope_parameters": {"rope_theta": 500000.0, "rope_type": "linear", "factor": 4.0}})"}) {
        const RotaryOptions r = rotary_of(json);
        CHECK(r.theta == 5e5);
        CHECK(r.scaling == RotaryScaling::linear);
        CHECK(r.factor == 4);
    }
    const RotaryOptions yarn = rotary_of(
        R"({"rope_scaling": {"type": "yarn", "factor": 40, "beta_fast": 16, "beta_slow": 2, "mscale": 0.5,
            "mscale_all_dim": 0.7, "original_max_position_embeddings": 4096, "truncate": false}})");
    CHECK(yarn.scaling == RotaryScaling::yarn);
    CHECK(yarn.original_context == 4096);
    CHECK(yarn.beta_fast == 16);
    CHECK(yarn.beta_slow == 2);
    CHECK(yarn.mscale == 0.5);
    CHECK(yarn.mscale_all_dim == 0.7);
    CHECK_FALSE(yarn.truncate);
    CHECK(rotary_of(R"({"rope_scaling": {"rope_type": "dynamic", "factor": 2}})").original_context == 2048);
    CHECK(rotary_of(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 2}})")
              .low_freq_factor == 2);
}

TEST_CASE("config_file: what is refused, by name") {
    const auto open = [](const ConfigFile&) {};
    CHECK(error_of("[1]", open) == ": at byte 1: must be an object");
    CHECK(error_of("{\"a\": 1, \"a\": 2}", open) == ": at byte 16: the key 'a' is there twice");
    CHECK(error_of("{", open).find("invalid JSON") != std::string::npos);
    CHECK(error_of(std::string(100, '['), open) == ": at byte 33: nested more than 32 deep");
    CHECK(error_of(std::string((1 << 24) + 1, ' '), open) == ": at byte 0: is larger than 16777216 bytes");
    CHECK(error_of("{}", [](const ConfigFile& f) { static_cast<void>(f.model_type()); }) ==
          ": at byte 1: has no model_type");
    CHECK(rotary_error(R"({"rope_theta": -1})") == ": at byte 18: rope_theta: must be positive");
    CHECK(rotary_error(R"({"rope_theta": "10000"})") == ": at byte 22: rope_theta: must be a number");
    CHECK(rotary_error(R"({"rope_scaling": {"type": "longrope"}})") ==
          ": at byte 36: rope_scaling.type: 'longrope' is not known here");
    CHECK(rotary_error(R"({"rope_scaling": {"type": "llama3", "factor": 8, "high_freq_factor": 1}})") ==
          ": at byte 71: rope_scaling.high_freq_factor: must differ from low_freq_factor");
    CHECK(
        rotary_error(R"({"rope_scaling": {"type": "yarn", "original_max_position_embeddings": 0}})") ==
        ": at byte 72: rope_scaling.original_max_position_embeddings: must be an integer in [1, 1073741824]");
}
