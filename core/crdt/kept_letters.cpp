#include "core/crdt/kept_letters.h"

#include "core/crdt/document_parts.h"

#include <algorithm>

namespace nlbd::crdt {

namespace {

/// Which letters were deleted by whom.
class Deleted {
public:
    Deleted(const Text &text, const KeptQuestions &questions)
    {
        bool isAny = false;
        text.log().forEach(
            1, text.numbers().next(), [](const OpLog::Insertion &) {},
            [&](const OpLog::Deletion &it) {
                const ChangeHandle by = text.numbers().idOf(it.id).change;
                if (text.isVoid(by))
                    return;
                isAny = isAny || questions.mayBeConcurrent(by);
                m_pieces.push_back({it.target, it.target + it.length, it.target, by});
            });
        if (!isAny)
            m_pieces.clear();
        std::ranges::sort(m_pieces, {}, &Piece::first);
        LocalId reach = 0;
        for (Piece &piece : m_pieces) {
            reach = std::max(reach, piece.end);
            piece.reach = reach;
        }
    }

    [[nodiscard]] bool isEmpty() const noexcept { return m_pieces.empty(); }

    /// Calls visit(first, end, deleters) for letters, in parts that the same ones deleted.
    template <typename Visit>
    void forEachPart(LocalId first, LocalId end, Visit visit) const
    {
        std::vector<const Piece *> over;
        std::vector<LocalId> cuts{first, end};
        auto it = std::ranges::lower_bound(m_pieces, end, {}, &Piece::first);
        while (it != m_pieces.begin() && std::prev(it)->reach > first) {
            --it;
            if (it->end <= first)
                continue;
            over.push_back(&*it);
            cuts.push_back(std::clamp(it->first, first, end));
            cuts.push_back(std::clamp(it->end, first, end));
        }
        std::ranges::sort(cuts);
        std::vector<ChangeHandle> by;
        for (std::size_t i = 1; i < cuts.size(); ++i) {
            if (cuts[i - 1] == cuts[i])
                continue;
            by.clear();
            for (const Piece *piece : over)
                if (piece->first <= cuts[i - 1] && piece->end >= cuts[i])
                    by.push_back(piece->by);
            visit(cuts[i - 1], cuts[i], by);
        }
    }

private:
    struct Piece {
        LocalId first = 0;
        LocalId end = 0;
        LocalId reach = 0; ///< the last end up to here
        ChangeHandle by;
    };
    std::vector<Piece> m_pieces;
};

/// Goes through all letters in text order. For each person who deleted what is before, with no
/// letter since that he saw and left alone: what others wrote since.
class Finder {
public:
    Finder(const Text &text, const KeptQuestions &questions)
        : m_text(text)
        , m_questions(questions)
        , m_deleted(text, questions)
    {
    }

    std::vector<KeptLetters> run()
    {
        if (m_deleted.isEmpty())
            return {};
        TextOffset at = 0;
        m_text.tree().forEach([&](const Span &span) {
            if (span.hidden == 0)
                visitSeen(span, at);
            else if (span.first != kRootId)
                m_deleted.forEachPart(
                    span.first, span.end(),
                    [this](LocalId first, LocalId end, const std::vector<ChangeHandle> &by) {
                        visitHidden(first, end, by);
                    });
            at += span.visible();
        });
        std::ranges::sort(m_found, {},
                          [](const KeptLetters &it) { return std::pair(it.from, it.gap); });
        return std::move(m_found);
    }

private:
    struct Gap {
        ChangeHandle by; ///< deleted the nearest before
        std::uint32_t number = 0;
        std::vector<KeptLetters> written;
    };

    void visitSeen(const Span &span, TextOffset at)
    {
        if (m_open.empty())
            return;
        m_text.numbers().forEachPiece(span.first, span.length, [&](OpId id, std::uint32_t count) {
            onSeen({at, count, id, {}, 0});
            at += count;
        });
    }

    /// Of one person's changes that deleted it the last counts: it says what was known.
    void visitHidden(LocalId first, LocalId end, const std::vector<ChangeHandle> &by)
    {
        std::map<std::uint32_t, ChangeHandle> lasts;
        for (const ChangeHandle change : by) {
            ChangeHandle &last = lasts[m_questions.writerOf(change)];
            if (last == ChangeHandle() || m_questions.order.isBefore(last, change))
                last = change;
        }
        if (!m_open.empty())
            m_text.numbers().forEachPiece(first, end - first, [&](OpId id, std::uint32_t) {
                std::erase_if(m_open, [&](const auto &it) {
                    const ChangeHandle then = it.second.by;
                    return !lasts.contains(it.first) && m_questions.order.isInPast(id.change, then)
                        && std::ranges::none_of(by, [&](ChangeHandle change) {
                               return m_questions.order.isInPast(change, then);
                           });
                });
            });
        for (const auto &[writer, change] : lasts)
            onDeleted(writer, change);
    }

    [[nodiscard]] bool areConcurrent(ChangeHandle a, ChangeHandle b) const
    {
        return !m_questions.order.isInPast(a, b) && !m_questions.order.isInPast(b, a);
    }

    void onDeleted(std::uint32_t writer, ChangeHandle by)
    {
        const auto [found, isNew] = m_open.try_emplace(writer);
        Gap &gap = found->second;
        if (isNew)
            gap.number = ++m_gaps;
        for (KeptLetters &it : gap.written) {
            if (!areConcurrent(it.first.change, by))
                continue;
            it.against = by;
            it.gap = gap.number;
            m_found.push_back(it);
        }
        gap.written.clear();
        gap.by = by;
    }

    void onSeen(const KeptLetters &letters)
    {
        const ChangeHandle change = letters.first.change;
        for (auto it = m_open.begin(); it != m_open.end();) {
            Gap &gap = it->second;
            bool isOver = false;
            if (m_questions.order.isInPast(change, gap.by))
                isOver = true; // was seen and left alone
            else if (m_questions.order.isInPast(gap.by, change))
                isOver = m_questions.bringsBack(change);
            else if (m_questions.writerOf(change) != it->first)
                gap.written.push_back(letters);
            it = isOver ? m_open.erase(it) : std::next(it);
        }
    }

    const Text &m_text;
    const KeptQuestions &m_questions;
    Deleted m_deleted;
    std::map<std::uint32_t, Gap> m_open; ///< by person
    std::uint32_t m_gaps = 0;
    std::vector<KeptLetters> m_found;
};

} // namespace

std::vector<KeptLetters> keptLetters(const Document &document, const KeptQuestions &questions)
{
    return Finder(DocumentParts::text(document), questions).run();
}

} // namespace nlbd::crdt
