#pragma once

#include "core/crdt/document.h"

namespace nlbd::crdt {

/// Letters that are seen amid letters which somebody else deleted, neither knowing of the other:
/// a word typed into a paragraph that was removed at the same time. They stand there without what
/// they belong to, and people want to be told.
struct KeptLetters {
    TextOffset from = 0;
    TextOffset length = 0;
    OpId first;            ///< of consecutive ids, all of one change
    ChangeHandle against;  ///< the deletion behind them
    std::uint32_t gap = 0; ///< the same for all between which nothing is seen that was deleted not
    friend bool operator==(const KeptLetters &, const KeptLetters &) = default;
};

/// What has to be known of changes to find them.
struct KeptQuestions {
    const ChangeOrder &order;
    std::function<std::uint32_t(ChangeHandle)> writerOf; ///< the number of a person
    /// False if all that is known stands in its past or has it there. May be true too often.
    std::function<bool(ChangeHandle)> mayBeConcurrent;
    /// It brought letters back that had been deleted.
    std::function<bool(ChangeHandle)> bringsBack;
};

/// In text order, a run for each change and deletion; letters that several people deleted around
/// are told once for each of them. A letter counts if the nearest one before it that the deleting
/// person could see was deleted by that person, the nearest one after it as well, both without
/// knowing of the letter, and none of it was brought back since. A function of the changes alone.
/// @complexity linear in ops and spans, O(k log k) in deletions; in ops alone if none may be
/// concurrent.
[[nodiscard]] std::vector<KeptLetters> keptLetters(const Document &document,
                                                   const KeptQuestions &questions);

} // namespace nlbd::crdt
