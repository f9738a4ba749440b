#pragma once

#include "core/base/text_patch.h"

#include <expected>

namespace nlbd::test {

/// A recording of real writing (tests/vectors/traces/README.md).
struct Trace {
    struct Transaction {
        std::vector<std::size_t> parents; ///< transactions directly before this one
        std::size_t agent = 0;
        TextPatches patches; ///< one after the other, on the text at `parents`
    };
    bool isConcurrent = false;
    std::size_t agentCount = 1;
    std::string endContent;
    std::vector<Transaction> transactions; ///< causes before effects
};

/// Reads a gzipped trace; the error says in words what is wrong with the file. A sequential trace
/// gets the parents that its order implies.
[[nodiscard]] std::expected<Trace, std::string> readTrace(const std::string &path);

/// The transactions in the history of `heads`, themselves included, that `isKnown` (one entry per
/// transaction) lacks: oldest first. What is known must be closed under parents.
/// @complexity O(k log k) for k missing ones.
[[nodiscard]] std::vector<std::size_t> missingHistory(const Trace &trace,
                                                      const std::vector<std::size_t> &heads,
                                                      const std::vector<char> &isKnown);

} // namespace nlbd::test
