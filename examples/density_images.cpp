// Learns the density of pictures of black and white, draws from it, and fills in what is missing of others.
//
//   ./density_images IMAGES --test IMAGES --model nade         files as those of MNIST, packed or not
//   ./density_images IMAGES --model made --hidden 500 --epochs 20 --out made
//   ./density_images IMAGES --model iwae --draws 5            or fvsbn, orderless, pixelcnn, gated, imagegpt, vae
//   ./density_images IMAGES --model fvsbn --start FILE         also writes the first weights and the test pictures there
//
// Pixels are coins of the grey of a picture, thrown anew for every batch; those of the test pictures once. The last line is
// the mean log-probability of the test pictures, in nats and in bits a pixel; of vae and iwae a bound of a hundred draws. Draws go to OUT-samples.png; OUT-inpainted.png
// has rows of three: a picture, its upper half, and what the model makes of that half.
#include <chrono>
#include <cstdio>

#include <tapegrad/data/idx.hpp>
#include <tapegrad/data/images.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/tapegrad.hpp>

#include "density_images/models.hpp"

using namespace tapegrad;

namespace {

struct Pictures {
    Tensor<uint8_t> training;  // (n, height, width)
    Tensor<float> test;        // (m, height width), of 0 and 1
};

Pictures load(const Settings& s) {
    Pictures pictures;
    Tensor<uint8_t> x = load_idx<uint8_t>(s.images), held_out;
    if (x.rank() != 3) throw ShapeError("density_images: " + s.images + " holds no pictures");
    if (s.test.empty()) {
        const int64_t kept = x.size(0) - x.size(0) / 10;
        held_out = slice(x, 0, kept);
        x = slice(x, 0, 0, kept);
    } else {
        held_out = load_idx<uint8_t>(s.test);
    }
    pictures.training = s.limit > 0 && s.limit < x.size(0) ? slice(x, 0, 0, s.limit) : x;
    if (s.test_limit > 0 && s.test_limit < held_out.size(0)) held_out = slice(held_out, 0, 0, s.test_limit);
    pictures.test = detail::cast<float>(flatten(binarize_once(held_out, s.seed), 1));
    return pictures;
}

/// Mean of f(rows) over the rows of x, a hundred at a time.
template <class F>
double mean_over_rows(const Tensor<float>& x, const F& f) {
    const no_grad constant;
    double total = 0;
    for (int64_t i = 0; i < x.size(0); i += 100)
        total += static_cast<double>(sum(f(slice(x, 0, i, std::min(i + 100, x.size(0))))).item());
    return total / static_cast<double>(x.size(0));
}

/// Mean log-probability of the test pictures.
template <class M>
double test_nats(M& model, const Tensor<float>& test, const Settings& s) {
    const Evaluating quiet(model);
    return mean_over_rows(test, [&](const Tensor<float>& x) { return test_log_prob(model, x, s); });
}

template <class M>
void write_pictures(M& model, const Pictures& pictures, const Settings& s) {
    const Evaluating quiet(model);
    Generator drawing(s.seed, 2);
    const int64_t height = pictures.training.size(1), width = pictures.training.size(2), n = 24;
    const auto as_images = [&](const Tensor<float>& x) { return reshape(x, {x.size(0), 1, height, width}); };
    save_image(s.out + "-samples.png", as_images(model.sample(s.samples, drawing)));
    const Tensor<bool> upper = arange<int64_t>(height * width) < height * width / 2;
    const Tensor<float> whole = slice(pictures.test, 0, 0, std::min(n, pictures.test.size(0)));
    const Tensor<float> half = where(upper, whole, 0.5F), filled = model.inpaint(whole, upper, drawing);
    save_image(s.out + "-inpainted.png", as_images(flatten(stack({whole, half, filled}, 1), 0, 1)),
               {.nrow = 12});
}

template <class M>
int train(M model, const Pictures& pictures, const Settings& s) {
    std::printf("%s: %lld parameters, %lld pictures\n", s.model.c_str(),
                static_cast<long long>(count_parameters(model)),
                static_cast<long long>(pictures.training.size(0)));
    if (!s.start.empty()) {
        StateDict start = state_dict(model);
        start.add("test", detail::cast<uint8_t>(pictures.test));
        save_safetensors(s.start, start);
    }
    Adam<> optimizer(parameters(model), {.lr = s.lr});
    Generator order(s.seed, 0), coins(s.seed, 1);
    const int64_t n = pictures.training.size(0);
    int64_t step = 0;
    double spent = 0;
    for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
        const auto began = std::chrono::steady_clock::now();
        const Tensor<int64_t> turn = randperm(n, order);
        double nats = 0;
        for (int64_t i = 0; i < n; i += s.batch, ++step) {
            if constexpr (std::is_same_v<M, MadeDensity<>>)
                if (s.masks > 1) model.use_mask(step % s.masks);
            const Tensor<int64_t> rows = slice(turn, 0, i, std::min(i + s.batch, n));
            const Tensor<float> x =
                flatten(binarize(index_select(pictures.training, 0, rows), coins), 1);  // (batch, D)
            const Tensor<float> loss = training_loss(model, x, s, coins);
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
            nats -= static_cast<double>(loss.item()) * static_cast<double>(x.size(0));
        }
        spent += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        std::printf("epoch %lld  train %.2f  test %.2f nats  %.2f s an epoch\n",
                    static_cast<long long>(epoch), nats / static_cast<double>(n),
                    test_nats(model, pictures.test, s), spent / static_cast<double>(epoch));
        std::fflush(stdout);
    }
    write_pictures(model, pictures, s);
    const double nats = test_nats(model, pictures.test, s);
    std::printf("test %.3f nats, %.4f bits a pixel\n", nats, bits_per_dimension(nats, pictures.test.size(1)));
    return 0;
}

int run(Settings s) {
    const Pictures pictures = load(s);
    const int64_t pixels = pictures.test.size(1), height = pictures.training.size(1),
                  width = pictures.training.size(2);
    Generator first(s.seed, 3);
    if (s.model == "fvsbn") return train(Fvsbn<>(pixels, first), pictures, s);
    if (s.model == "nade") return train(Nade<>(pixels, s.hidden, first), pictures, s);
    if (s.model == "made")
        return train(
            MadeDensity<>(pixels, {.hidden = {s.hidden}, .degrees = HiddenDegrees::random}, first, s.seed),
            pictures, s);
    if (s.model == "orderless")
        return train(OrderlessNade<>(pixels, {s.hidden, s.hidden}, first), pictures, s);
    if (s.model == "pixelcnn") {
        const PixelCnnOptions o{.channels = s.channels, .blocks = s.layers, .head = 2 * s.channels};
        return train(OfRows<PixelCnn<>>{PixelCnn<>(o, first), height, width}, pictures, s);
    }
    if (s.model == "gated") {
        const GatedPixelsOptions o{.channels = s.channels, .layers = s.layers, .head = 2 * s.channels};
        return train(OfRows<GatedPixelCnn<>>{GatedPixelCnn<>(o, first), height, width}, pictures, s);
    }
    if (s.model == "imagegpt")
        return train(ImageGpt<>(pixels, {.layers = s.layers, .width = 2 * s.channels}, first), pictures, s);
    if (s.model == "iwae" && s.draws == 1) s.draws = 5;
    return train(Vae<>(pixels, {.hidden = s.hidden, .latent = s.latent}, first), pictures, s);
}

}

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Densities of pictures");
    settings.add_to(app);
    CLI11_PARSE(app, argc, argv);
    try {
        return run(settings);
    } catch (const Error& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
