#pragma once

#include "core/base/attributes.h"

namespace nlbd::api {

/// How [from, to) looks: the marks of its letters and, of a line break, also what the block is that
/// it ends; of the letter that stands for an object (U+FFFC) also which.
struct Look {
    TextOffset from = 0;
    TextOffset to = 0;
    Attributes attributes;
    friend bool operator==(const Look &, const Look &) = default;
};

/// How parts of a text look, in order and apart. What no look covers is left as it was, and plain
/// if it has just come.
struct Looks {
    std::vector<Look> letters;
    /// What the last block is, which no line break ends; nothing if that is left as it was.
    std::optional<Attributes> last;
    [[nodiscard]] bool isEmpty() const noexcept { return letters.empty() && !last; }
    friend bool operator==(const Looks &, const Looks &) = default;
};

/// Gives [from, to) another look, and `isLast` the last block: a value sets, nothing clears. What
/// belongs to blocks and objects (kLetterKeys) goes to the line breaks and objects among the
/// letters, the rest is marks on all of them.
struct Styling {
    TextOffset from = 0;
    TextOffset to = 0;
    AttributeChanges changes;
    bool isLast = false;
    friend bool operator==(const Styling &, const Styling &) = default;
};

} // namespace nlbd::api
