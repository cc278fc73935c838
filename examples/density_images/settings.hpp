// What density_images is told.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

struct Settings {
    std::string images, test, model = "nade", out = "density", start;
    int64_t hidden = 500, layers = 8, channels = 32, latent = 50, draws = 1, masks = 1;
    int64_t epochs = 5, batch = 100, limit = 0, test_limit = 0, samples = 64;
    double lr = 1e-3;
    uint64_t seed = 1;

    void add_to(CLI::App& app) {
        app.add_option("images", images, "pictures to learn, an IDX file")->required();
        app.add_option("--test", test, "pictures to test with; default: the last tenth of the others");
        app.add_option("--model", model)
            ->check(CLI::IsMember(
                {"fvsbn", "nade", "made", "orderless", "pixelcnn", "gated", "imagegpt", "vae", "iwae"}));
        app.add_option("--out", out, "how the names of pictures begin");
        app.add_option("--start", start, "write first weights and test pictures here");
        const auto positive = [&](const char* name, int64_t& value, const char* help = "") {
            app.add_option(name, value, help)->check(CLI::PositiveNumber);
        };
        positive("--hidden", hidden, "units of nade, made, orderless, vae");
        positive("--layers", layers, "of pixelcnn, gated, imagegpt");
        positive("--channels", channels, "of pixelcnn, gated; twice as many in imagegpt");
        positive("--latent", latent, "numbers behind a picture, of vae and iwae");
        positive("--draws", draws, "of iwae for each picture; default 5");
        positive("--masks", masks, "of made: so many, in turn, and an ensemble of them");
        positive("--batch", batch);
        positive("--samples", samples, "pictures to draw");
        const auto count = [&](const char* name, int64_t& value, const char* help) {
            app.add_option(name, value, help)->check(CLI::NonNegativeNumber);
        };
        count("--epochs", epochs, "over all pictures");
        count("--limit", limit, "learn from so many pictures only; 0: all");
        count("--test-limit", test_limit, "test with so many only; 0: all");
        app.add_option("--lr", lr);
        app.add_option("--seed", seed);
    }
};
