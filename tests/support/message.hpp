// The text of the error that a call throws.
#pragma once

#include <string>

namespace support {

template <class E, class F>
std::string message(F&& f) {
    try {
        f();
    } catch (const E& e) {
        return e.what();
    }
    return "nothing thrown";
}

}
