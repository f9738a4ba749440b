#pragma once

namespace nlbd {

/// Prints where the program contradicted itself and ends it. Never returns.
[[noreturn]] void checkFailed(const char *condition, const char *file, int line) noexcept;

} // namespace nlbd

/// States what the programmer holds for true, in release builds too. Never for remote input: what a
/// peer, a file or a user sends is answered with an error.
#define CHECK(condition)                                         \
    do {                                                         \
        if (!(condition)) [[unlikely]]                           \
            ::nlbd::checkFailed(#condition, __FILE__, __LINE__); \
    } while (false)
