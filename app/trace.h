#pragma once

#include "core/base/text_patch.h"

#include <expected>
#include <filesystem>

namespace nlbd::app {

/// A recording of real writing in the format of the editing-traces collection: gzipped JSON with
/// `endContent` and `txns: [{parents, agent, patches: [[position, deleted, inserted]]}]`, positions
/// in Unicode scalars of the text at `parents`.
struct Trace {
    struct Transaction {
        std::vector<std::size_t> parents;
        std::size_t agent = 0;
        TextPatches patches;
    };
    std::size_t agentCount = 1;
    std::string endContent;
    std::vector<Transaction> transactions; ///< causes before effects
};

/// The error says what is wrong with the file.
[[nodiscard]] std::expected<Trace, std::string> readTrace(const std::filesystem::path &file);

/// A trace as changes: each agent one hash chain. Transactions that follow each other directly,
/// with nobody else in between, are one change as long as they fit.
struct ReplayPlan {
    struct Step {
        TextPatches patches;
        std::vector<std::size_t> seen; ///< by agent: how many of its steps stand in this one's past
    };
    std::vector<std::vector<Step>> agents;
};

/// The same plan on every computer, from the trace alone. Fails if an agent wrote at two places at
/// once: a chain cannot say that.
[[nodiscard]] std::expected<ReplayPlan, std::string> planOf(const Trace &trace);

} // namespace nlbd::app
