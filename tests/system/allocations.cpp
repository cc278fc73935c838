// A training step in steady state asks the system for no memory: neither through operator new and malloc, nor
// through the pool of the library.
#include <tapegrad/tapegrad.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "../support/gpt_training.hpp"
#include "../support/tensors.hpp"

// A sanitizer has its own malloc.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TAPEGRAD_TEST_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TAPEGRAD_TEST_SANITIZED 1
#endif

#if defined(__GLIBC__) && !defined(TAPEGRAD_TEST_SANITIZED)

namespace {
std::atomic<long> allocations{0};
}

// operator new calls malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    *block = memalign(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}
}

using namespace tapegrad;

namespace {

struct Counts {
    long allocations;
    std::int64_t pool;
};
Counts counts() { return {allocations.load(), pool::statistics().system_calls}; }

/// Allocations of 20 calls of `step`, after 5 that fill the pool.
template <class Step>
Counts in_steady_state(const Step& step) {
    for (int i = 0; i < 5; ++i) step();
    const Counts before = counts();
    for (int i = 0; i < 20; ++i) step();
    const Counts after = counts();
    return {after.allocations - before.allocations, after.pool - before.pool};
}

struct Mlp {
    Linear<float> first, last;
    TAPEGRAD_FIELDS(first, last);

    explicit Mlp(Generator& generator) : first(64, 128, generator), last(128, 10, generator) {}
    Tensor<float> operator()(const Tensor<float>& x) const { return last(relu(first(x))); }
};

}

TEST_SUITE("slow") {
    TEST_CASE("allocations: what counts them counts") {
        const Counts before = counts();
        ::operator delete(::operator new(3));
        CHECK(counts().allocations == before.allocations + 1);
    }

    TEST_CASE("allocations: none in a step of an MLP") {
        Generator generator(1);
        Mlp model(generator);
        AdamW<float> optimizer(parameters(model), {.lr = 1e-3});
        const auto x = support::normal<float>({96, 64});
        const auto labels = randint(0, 10, {96}, generator);
        const Counts found = in_steady_state([&] {
            const Tensor<float> loss = cross_entropy(model(x), labels);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        });
        CHECK(found.allocations == 0);
        CHECK(found.pool == 0);
    }

    TEST_CASE("allocations: none in a step of a GPT") {
        support::GptTraining training;
        const Counts found = in_steady_state([&] { training.step(); });
        CHECK(found.allocations == 0);
        CHECK(found.pool == 0);
    }
}

#endif
