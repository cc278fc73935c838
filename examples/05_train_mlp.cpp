// A classifier, trained: two spirals, or Fashion-MNIST when its four files are given.
//
//   ./05_train_mlp                                                last line: "test accuracy 100.0 %", or close to it
//   ./05_train_mlp TRAIN-IMAGES TRAIN-LABELS TEST-IMAGES TEST-LABELS     IDX files, not compressed; at least 88 %
#include <cmath>
#include <cstdio>
#include <tapegrad/data/idx.hpp>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

struct Samples {
    Tensor<float> x;         // (count, features)
    Tensor<int64_t> labels;  // (count,)
};

// Two arms that turn around each other three quarters of a circle and more.
Samples spirals(int64_t count, Generator& generator) {
    const Tensor<float> t = rand<float>({count, 1}, generator) * 3 + 0.25;
    const Tensor<int64_t> labels = randint(0, 2, {count}, generator);
    const Tensor<float> angle = 3 * t + unsqueeze(to<float>(labels), 1) * 3.14159265F;
    return {cat({t * cos(angle), t * sin(angle)}, 1) + randn<float>({count, 2}, generator) * 0.05, labels};
}

Samples images(const char* image_file, const char* label_file) {
    const LabelledImages data = load_labelled_images(image_file, label_file, 10);
    const Tensor<float> pixels = to<float>(data.images) / 255;  // (count, 28, 28)
    return {reshape(pixels, {pixels.size(0), -1}) - 0.5, data.labels};
}

struct Mlp {
    Linear<> first, second, last;
    TAPEGRAD_FIELDS(first, second, last);

    Mlp(int64_t in, int64_t hidden, int64_t classes, Generator& generator)
        : first(in, hidden, generator), second(hidden, hidden, generator), last(hidden, classes, generator) {}
    Tensor<float> operator()(const Tensor<float>& x) const { return last(relu(second(relu(first(x))))); }
};

// The share of samples whose most likely class is theirs, in percent.
double accuracy(const Mlp& model, const Samples& samples) {
    const no_grad off;
    const Tensor<float> right = to<float>(argmax(model(samples.x), -1) == samples.labels);
    return 100 * static_cast<double>(mean(right).item());
}

int main(int argc, char** argv) try {
    Generator generator(1);
    const bool files = argc == 5;
    const Samples train = files ? images(argv[1], argv[2]) : spirals(2000, generator);
    const Samples test = files ? images(argv[3], argv[4]) : spirals(500, generator);
    const int64_t features = train.x.size(1), classes = files ? 10 : 2, count = train.x.size(0);
    const int64_t batch = files ? 128 : 64, epochs = files ? 8 : 40;

    Mlp model(features, files ? 256 : 64, classes, generator);
    AdamW optimizer(parameters(model), {.lr = files ? 1e-3 : 3e-3});
    std::printf("%lld samples of %lld features, %lld parameters, %d threads\n", static_cast<long long>(count),
                static_cast<long long>(features), static_cast<long long>(count_parameters(model)), num_threads());

    const int64_t steps = epochs * (count / batch);
    int64_t step = 0;
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
        const Tensor<int64_t> order = randperm(count, generator);
        double total = 0;
        for (int64_t i = 0; i + batch <= count; i += batch) {
            const Tensor<int64_t> chosen = slice(order, 0, i, i + batch);
            const Tensor<int64_t> labels = gather(train.labels, 0, chosen);
            optimizer.set_lr(cosine_with_warmup(step++, {.warmup = 50, .total = steps, .max_lr = files ? 1e-3 : 3e-3}));
            const Tensor<float> loss = cross_entropy(model(embedding(train.x, chosen)), labels);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            total += static_cast<double>(loss.item());
        }
        if (files || epoch % 10 == 9)
            std::printf("epoch %lld  loss %.4f  test accuracy %.1f %%\n", static_cast<long long>(epoch + 1),
                        total / static_cast<double>(count / batch), accuracy(model, test));
    }
    std::printf("test accuracy %.1f %%\n", accuracy(model, test));
} catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
