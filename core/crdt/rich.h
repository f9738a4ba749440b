#pragma once

#include "core/base/attributes.h"
#include "core/crdt/op.h"

#include <functional>

/// What rich text looks like to those who read and write it: runs with formats, blocks, and deltas
/// (retain, insert with attributes, delete). The rules of formats are in mark_rules.h.
namespace nlbd::crdt {

using nlbd::AttributeChanges;
using nlbd::Attributes;
using nlbd::Stretch;

/// Visible letters side by side that look the same.
struct StyledRun {
    TextOffset from = 0;
    TextOffset length = 0;
    Attributes marks;
    friend bool operator==(const StyledRun &, const StyledRun &) = default;
};

/// Visible letters side by side of which one change has set a format, and to what.
struct MarkedRun {
    TextOffset from = 0;
    TextOffset length = 0;
    std::string value;
    ChangeHandle by;
    friend bool operator==(const MarkedRun &, const MarkedRun &) = default;
};

/// A block of text and the attributes of the line break that ends it; the last block has none, and
/// its attributes are those of the root. `length` counts without the break.
struct Block {
    TextOffset from = 0;
    TextOffset length = 0;
    Attributes attributes;
    friend bool operator==(const Block &, const Block &) = default;
};

/// The letter that stands for an embedded object: its attribute "embed" names the content hash.
inline constexpr std::string_view kObjectLetter = "\xEF\xBF\xBC"; // U+FFFC

/// One step along a text. The attributes of an insertion or retention concern marks on letters;
/// those of a line break, and of kObjectLetter, may hold keys of SetAttribute as well, and belong
/// to that letter alone.
struct DeltaStep {
    enum class Kind : std::uint8_t { Retain, Insert, Delete };
    Kind kind = Kind::Retain;
    TextOffset length = 0; ///< of Retain and Delete
    std::string text;      ///< of Insert, valid UTF-8
    AttributeChanges attributes;
    friend bool operator==(const DeltaStep &, const DeltaStep &) = default;
};
using Delta = std::vector<DeltaStep>;

/// True if a delta stays inside a text of `length` letters and carries valid UTF-8.
[[nodiscard]] bool fits(const Delta &delta, TextOffset length);

/// True for the changes of a frontier, with each of them all that it stands on.
using InPast = std::function<bool(ChangeHandle)>;

/// A step from one frontier to another and who is behind it.
struct AuthoredStep {
    DeltaStep step;
    ChangeHandle author; ///< who inserted or deleted it; nothing if it stayed
    std::map<std::string, ChangeHandle, std::less<>>
        formattedBy; ///< of a retention: who is behind each of its attributes
    friend bool operator==(const AuthoredStep &, const AuthoredStep &) = default;
};

} // namespace nlbd::crdt
