#pragma once

#include "core/crdt/located.h"
#include "core/crdt/number_set.h"
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
        std::vector<Range> own;      ///< characters of the ops so far, ascending, joined
        NumberSet deleted;           ///< by the ops so far, local ids
        NumberSet ownDeleted;        ///< the same, numbers of the change itself
        Located located;             ///< what ops hang at, take and format
        std::vector<OpId> goneItems; ///< items deleted by the ops so far
        std::vector<Made> made;      ///< items and objects of the ops so far, ascending
    };

    OpCheck(const Text &text, const Objects &objects, ChangeHandle change, const IsInPast &isInPast,
            Scratch &scratch)
        : m_text(&text)
        , m_objects(&objects)
        , m_change(change)
        , m_isInPast(&isInPast)
        , m_own(scratch.own)
        , m_deleted(scratch.deleted)
        , m_ownDeleted(scratch.ownDeleted)
        , m_located(scratch.located)
        , m_goneItems(scratch.goneItems)
        , m_made(scratch.made)
    {
        m_own.clear();
        m_deleted.clear();
        m_ownDeleted.clear();
        m_located.clear();
        m_goneItems.clear();
        m_made.clear();
    }

    /// Errors: E_OP_TARGET, E_BOUNDS. Call once.
    [[nodiscard]] std::expected<void, Code> run(const Ops &ops);

private:
    using Verdict = std::expected<void, Code>;

    [[nodiscard]] Verdict check(const InsertText &op);
    [[nodiscard]] Verdict check(const DeleteText &op);
    [[nodiscard]] bool areOwnCharacters(std::uint32_t first, std::uint32_t length) const;
    [[nodiscard]] bool isSeen(ChangeHandle change)
    {
        if (change == kRoot.change)
            return false;
        ChangeHandle &known = m_seen[change.value % m_seen.size()];
        if (known != change) {
            if (!(*m_isInPast)(change))
                return false;
            known = change;
        }
        return true;
    }
    [[nodiscard]] bool areSeenCharacters(OpId first, std::uint32_t length);
    [[nodiscard]] bool isLetter(OpId id);
    [[nodiscard]] bool canHang(const InsertText &op);
    [[nodiscard]] bool canGo(const DeleteText &op);

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
    NumberSet &m_deleted;
    NumberSet &m_ownDeleted;
    Located &m_located;
    std::vector<OpId> &m_goneItems;
    std::vector<Made> &m_made;
    std::size_t m_bytes = 0;
    std::uint32_t m_next = 0;              ///< first number of the op at hand
    std::array<ChangeHandle, 64> m_seen{}; ///< by handle: changes found to be in the past
};

} // namespace nlbd::crdt
