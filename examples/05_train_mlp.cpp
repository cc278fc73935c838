// A classifier, trained: two spirals, or Fashion-MNIST when its four files are given.
//
//   ./05_train_mlp                      last line: "test accuracy 100.0 %", or close to it
//   ./05_train_mlp TRAIN-IMAGES TRAIN-LABELS TEST-IMAGES TEST-LABELS
//                                       IDX files, unpacked (or gzip, with zlib); at least 88 %
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tapegrad/data/idx.hpp>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

struct Samples {
    Tensor<float> x;         // (count, features)
    Tensor<int64_t> labels;  // (count,)
};

// Two arms that turn around each other.
Samples spirals(int64_t count, Generator& generator) {
    const std::vector<float> t = to_vector(rand<float>({count}, generator));
    const std::vector<float> noise = to_vector(randn<float>({2 * count}, generator));
    std::vector<float> points;
    std::vector<int64_t> labels;
    for (std::size_t i = 0; i < t.size(); ++i) {
        labels.push_back(static_cast<int64_t>(i % 2));
        const float radius = 0.25F + 3 * t[i],
                    angle = 3 * radius + 3.14159265F * static_cast<float>(labels[i]);
        points.push_back(radius * std::cos(angle) + 0.05F * noise[2 * i]);
        points.push_back(radius * std::sin(angle) + 0.05F * noise[2 * i + 1]);
    }
    return {from_vector(points, {count, 2}), from_vector(labels)};
}

Samples images(const char* image_file, const char* label_file) {
    const LabelledImages data = load_labelled_images(image_file, label_file, 10);
    std::vector<float> pixels;
    for (const uint8_t v : to_vector(data.images)) pixels.push_back(static_cast<float>(v) / 255 - 0.5F);
    return {from_vector(pixels, {data.labels.numel(), data.images.size(1) * data.images.size(2)}),
            data.labels};
}

// The rows that `chosen` names.
Samples rows_of(const Samples& samples, std::span<const int64_t> chosen) {
    const int64_t count = static_cast<int64_t>(chosen.size()), width = samples.x.size(1);
    Samples batch{empty<float>({count, width}), empty<int64_t>({count})};
    float* x = batch.x.mutable_data();
    int64_t* label = batch.labels.mutable_data();
    for (const int64_t row : chosen) {
        x = std::copy_n(samples.x.data() + row * width, width, x);
        *label++ = samples.labels.data()[row];
    }
    return batch;
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
    const std::vector<int64_t> guess = to_vector(argmax(model(samples.x), -1)),
                               label = to_vector(samples.labels);
    int64_t right = 0;
    for (std::size_t i = 0; i < guess.size(); ++i) right += guess[i] == label[i] ? 1 : 0;
    return 100.0 * static_cast<double>(right) / static_cast<double>(guess.size());
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
                static_cast<long long>(features), static_cast<long long>(count_parameters(model)),
                num_threads());

    const int64_t steps = epochs * (count / batch);
    int64_t step = 0;
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
        const std::vector<int64_t> order = to_vector(randperm(count, generator));
        double total = 0;
        for (int64_t i = 0; i + batch <= count; i += batch) {
            const Samples some = rows_of(train, std::span(order).subspan(static_cast<std::size_t>(i),
                                                                         static_cast<std::size_t>(batch)));
            optimizer.set_lr(
                cosine_with_warmup(step++, {.warmup = 50, .total = steps, .max_lr = files ? 1e-3 : 3e-3}));
            const Tensor<float> loss = cross_entropy(model(some.x), some.labels);
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
