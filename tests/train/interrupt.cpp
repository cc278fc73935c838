#include <tapegrad/train/interrupt.hpp>

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace tapegrad;

TEST_CASE("interrupt: a signal is remembered, and the handlers of before come back") {
    const auto before = std::signal(SIGINT, SIG_IGN);
    {
        Interrupt interrupt;
        CHECK(!interrupt.requested());
        CHECK(interrupt.signal() == 0);
        std::raise(SIGTERM);
        CHECK(interrupt.requested());
        CHECK(interrupt.signal() == SIGTERM);
        CHECK_THROWS_WITH_AS(Interrupt(), "interrupt: there is one already", Error);
    }
    {
        Interrupt again;
        CHECK(!again.requested());
    }
    const bool ignored = std::signal(SIGINT, before) == SIG_IGN;
    CHECK(ignored);
}

TEST_CASE("interrupt: the second signal ends the program") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        Interrupt interrupt;
        std::raise(SIGINT);
        if (!interrupt.requested()) ::_exit(1);
        std::raise(SIGINT);
        ::_exit(2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
}
