#pragma once

#include "core/base/text_patch.h"

#include <deque>
#include <string>
#include <vector>

namespace nlbd::testing {

/// What FakeWorkspace knows of a document.
struct FakeDocument {
    std::string title;
    std::string text;
    std::uint64_t changed = 0;
    struct Done {
        TextPatches patches; ///< as applied
        TextPatches inverse;
        bool isMine = false;
    };
    std::vector<Done> log;
    std::vector<std::size_t> undoable; ///< places in the log
    std::vector<std::size_t> redoable;
};

/// A view of one, as the engine's half of the agreement keeps it.
struct FakeView {
    DocIndex doc;
    std::uint64_t patch = 0;
    std::uint64_t serial = 0;
    struct Sent {
        std::uint64_t patch = 0;
        TextPatches patches;
    };
    std::deque<Sent> unconfirmed;
};

} // namespace nlbd::testing
