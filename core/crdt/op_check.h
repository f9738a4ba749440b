#pragma once

#include "core/crdt/objects.h"

#include <expected>
#include <functional>

namespace nlbd::crdt {

/// Judges the ops of one change against a document before any of them is applied. The verdict
/// depends on the change and its causal past alone: whether later changes are applied too makes no
/// difference, since letters, items and objects never go, and an object is what it was made as. For
/// the same reason nobody asks here whether a change is void, or in which order letters stand: a
/// mark that ends before it begins covers nothing.
class OpCheck {
public:
    using IsInPast = std::function<bool(ChangeHandle)>;

    struct Range {
        std::uint32_t first = 0;
        std::uint32_t end = 0;
    };
    struct Made {
        std::uint32_t index = 0;
        Objects::Known known;
    };
    /// Memory that one check after the other may use.
    struct Scratch {
        std::vector<Range> own;            ///< characters of the ops so far, ascending, joined
        std::vector<DeleteText> deletions; ///< of the ops so far, also of items
        std::vector<Made> made;            ///< items and objects of the ops so far, ascending
    };

    OpCheck(const Text &text, const Objects &objects, ChangeHandle change, const IsInPast &isInPast,
            Scratch &scratch)
        : m_text(&text)
        , m_objects(&objects)
        , m_change(change)
        , m_isInPast(&isInPast)
        , m_own(scratch.own)
        , m_deletions(scratch.deletions)
        , m_made(scratch.made)
    {
        m_own.clear();
        m_deletions.clear();
        m_made.clear();
    }

    /// Errors: E_OP_TARGET, E_BOUNDS. Call once.
    [[nodiscard]] std::expected<void, Code> run(const Ops &ops);

private:
    using Verdict = std::expected<void, Code>;

    [[nodiscard]] Verdict check(const InsertText &op);
    [[nodiscard]] Verdict check(const DeleteText &op);
    [[nodiscard]] bool areOwnCharacters(std::uint32_t first, std::uint32_t length) const;
    [[nodiscard]] bool areSeenCharacters(OpId first, std::uint32_t length);
    [[nodiscard]] bool isSeen(ChangeHandle change);
    [[nodiscard]] bool hasOverlaps();

    // ---- op_check_objects.cpp ------------------------------------------------------------------

    [[nodiscard]] Verdict check(const SetField &op);
    [[nodiscard]] Verdict check(const SetMark &op);
    [[nodiscard]] Verdict check(const SetAttribute &op);
    [[nodiscard]] Verdict check(const InsertItem &op);
    [[nodiscard]] Verdict check(const DeleteItem &op);
    [[nodiscard]] Verdict check(const Increment &op);
    [[nodiscard]] bool fits(std::string_view key, std::size_t least, std::string_view value);
    [[nodiscard]] bool isAnchor(const Anchor &anchor);
    [[nodiscard]] std::optional<Objects::Known> find(OpId id);
    [[nodiscard]] std::optional<Objects::Known> find(OpId id, Value::Kind kind);
    [[nodiscard]] std::optional<Objects::Known> findItem(OpId id);
    [[nodiscard]] Verdict make(const Objects::Known &known);

    const Text *m_text;
    const Objects *m_objects;
    ChangeHandle m_change;
    const IsInPast *m_isInPast;
    std::vector<Range> &m_own;
    std::vector<DeleteText> &m_deletions;
    std::vector<Made> &m_made;
    std::size_t m_bytes = 0;
    std::uint32_t m_next = 0; ///< first number of the op at hand
    ChangeHandle m_lastSeen;  ///< the latest change found to be in the past
};

} // namespace nlbd::crdt
