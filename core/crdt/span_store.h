#pragma once

#include "core/crdt/deleter_sets.h"
#include "core/crdt/op.h"
#include "core/crdt/span_tree.h"

#include <optional>
#include <unordered_map>

namespace nlbd::crdt {

/// The spans that hang at one side of a character, in sibling order. One child, the common case,
/// takes no memory of its own.
struct Kids {
    static constexpr SpanIndex kNone{UINT32_MAX};
    SpanIndex value = kNone; ///< a span; with the highest bit, a list of spans

    [[nodiscard]] bool isEmpty() const noexcept { return value == kNone; }
};

/// Consecutive characters of one change, each the right child of the one before. Left children hang
/// only at the first character of a span, right children only at the last: where something else
/// hangs, the span is split.
struct Span {
    OpId first;
    std::uint32_t length = 0; ///< in scalars, > 0
    std::uint32_t bytes = 0;
    std::size_t textAt = 0; ///< in the store's text
    OpId parent;            ///< of the first character
    Side side = Side::Right;
    bool isVisible = false;
    Kids left;
    Kids right;
    DeleterSets::SetIndex deleters = DeleterSets::kNobody;

    [[nodiscard]] OpId last() const noexcept { return {first.change, first.index + length - 1}; }
};

/// Owns the spans of a document, finds them by id, splits them and keeps their text, also the
/// deleted one: a void deletion gives it back. Order and visibility are the affair of Text.
class SpanStore {
public:
    /// Holds the root.
    SpanStore();

    [[nodiscard]] const Span &span(SpanIndex index) const noexcept { return m_spans[index.value]; }
    [[nodiscard]] Span &span(SpanIndex index) noexcept { return m_spans[index.value]; }
    [[nodiscard]] std::size_t size() const noexcept { return m_spans.size(); }
    [[nodiscard]] std::string_view text(SpanIndex index) const noexcept;

    /// A character: its span and its place there.
    struct Place {
        SpanIndex span;
        std::uint32_t offset = 0;
    };
    /// @complexity O(log of the spans of that change).
    [[nodiscard]] std::optional<Place> find(OpId id) const noexcept;

    /// True if all `length` > 0 numbers from `first` on are characters. Linear in their spans.
    [[nodiscard]] bool areCharacters(OpId first, std::uint32_t length) const noexcept;

    /// The spans of a change in order of their numbers.
    [[nodiscard]] std::span<const SpanIndex> spansOf(ChangeHandle change) const noexcept;

    /// Adds a span of new ids; `op` is not empty. Nobody's child yet.
    [[nodiscard]] SpanIndex add(const InsertText &op, OpId first);

    /// True if text added now can become part of the span: its own is the latest of all.
    [[nodiscard]] bool canExtend(SpanIndex index) const noexcept;
    void extend(SpanIndex index, std::string_view utf8, std::uint32_t length);

    /// Cuts a span before its character `offset`; the second part, returned, is the right child of
    /// the first. 0 < offset < length.
    [[nodiscard]] SpanIndex split(SpanIndex index, std::uint32_t offset);

    // ---- Children ------------------------------------------------------------------------------

    [[nodiscard]] std::span<const SpanIndex> list(const Kids &kids) const noexcept;
    void insertKid(Kids &kids, std::size_t position, SpanIndex kid);

private:
    struct ChangeSpans {
        std::vector<SpanIndex> spans; ///< by first number
    };
    [[nodiscard]] const ChangeSpans *changeSpans(ChangeHandle change) const noexcept;

    std::vector<Span> m_spans;
    std::string m_text;
    std::vector<std::vector<SpanIndex>> m_lists;
    std::unordered_map<ChangeHandle, ChangeSpans> m_changes;
    mutable ChangeHandle m_lastChange;
    mutable const ChangeSpans *m_lastSpans = nullptr; ///< of m_lastChange; the map keeps addresses
};

} // namespace nlbd::crdt
