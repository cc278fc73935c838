// Batches: a data set split at random, shuffled batches made ahead on threads, and a loader that goes on where another
// one stopped.
//
//   ./09_data_loader       last line: "the rest of the epoch is the same: yes"
#include <cstdio>
#include <tapegrad/data/loader.hpp>
#include <tapegrad/tapegrad.hpp>

using namespace tapegrad;

int main() {
    Generator generator(1);
    const Tensor<float> x = randn<float>({1000, 2}, generator);
    const Tensor<int64_t> label = to<int64_t>(sum(x, -1) > 0);

    const auto parts = random_split(TensorDataset(x, label), {0.9, 0.1}, 42);
    std::printf("%lld examples to train, %lld to test\n", static_cast<long long>(parts[0].size()),
                static_cast<long long>(parts[1].size()));

    // Which examples are in a batch is a function of the seed, the epoch and its number: not of the threads.
    const LoaderOptions options{.batch_size = 64, .shuffle = true, .seed = 7, .workers = 2};
    DataLoader loader(parts[0], options);
    for (int epoch = 0; epoch < 2; ++epoch) {
        int64_t positive = 0, count = 0;
        for (const auto& [points, labels] : loader) {
            positive += sum(labels).item();
            count += points.size(0);
        }
        std::printf("epoch %d: %lld batches, %lld of %lld labels are 1\n", epoch,
                    static_cast<long long>(loader.batches()), static_cast<long long>(positive),
                    static_cast<long long>(count));
    }

    // Three batches into the third epoch a run stops; its state is a tensor, for the checkpoint.
    for (int i = 0; i < 3; ++i) loader.next();
    const Tensor<int64_t> state = loader.state();
    DataLoader resumed(parts[0], options);
    resumed.restore(state);
    bool same = true;
    while (const auto batch = loader.next()) {
        const auto other = resumed.next();
        same = same && other && equal(std::get<0>(*batch), std::get<0>(*other));
    }
    std::printf("the rest of the epoch is the same: %s\n", same ? "yes" : "no");
}
