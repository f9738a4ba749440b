#pragma once

#include "core/crdt/document_impl.h"

namespace nlbd::crdt {

/// Does the steps of a reversal.
class Reverter {
public:
    Reverter(Document &document, Reversal &reversal, Draft &draft)
        : m_document(&document)
        , m_it(&*document.m_impl)
        , m_reversal(&reversal)
        , m_draft(&draft)
    {
    }

    /// One step, a few ops at most; false if there was nothing left to do.
    bool step(TextPatches &patches);

    [[nodiscard]] static std::optional<MarkedRun> markOver(const Document &document, OpId letter,
                                                           std::string_view key);

private:
    using Task = Reversal::Task;
    using Kind = Task::Kind;

    // ---- What there is to do: reverter_plan.cpp ------------------------------------------------

    void plan();
    void planLetters(const Text &text, const IdRange &range, Kind erase, Kind restore);
    void planCopies(const Text &text, OpId first, std::uint32_t count, Kind erase);
    void planRest(const IdRange &range);
    void add(Kind kind, std::uint32_t first, std::uint32_t count);

    [[nodiscard]] static std::optional<LocalId> letterOf(const Text &text, OpId id);
    /// Of a letter that is hidden by one deletion: true if nothing else speaks against it.
    [[nodiscard]] bool mayComeBack(const Text &text, OpId letter) const;
    [[nodiscard]] bool isInsertedByWhat(OpId letter) const;
    [[nodiscard]] bool isDeletedByOwn(const Text &text, LocalId letter) const;

    // ---- Doing it: reverter.cpp ----------------------------------------------------------------

    [[nodiscard]] bool isOwn(ChangeHandle change) const
    {
        return change == m_draft->change || m_reversal->isOwn(change);
    }
    bool run(Task &task, TextPatches &patches);
    bool eraseText(Task &task, TextPatches &patches);
    bool restoreText(Task &task, TextPatches &patches);
    void restoreStyle(LocalId old, std::string_view text, TextOffset at,
                      const std::vector<StyledRun> &marks);
    [[nodiscard]] std::vector<StyledRun> marksOver(LocalId first, std::uint32_t count) const;
    [[nodiscard]] std::uint32_t lettersWithSettings(LocalId first, std::string_view text) const;
    bool eraseItem(Task &task);
    bool restoreItem(Task &task);
    void clearMark(const Task &task);
    void clearMarkOfCopies(std::uint32_t mark, std::vector<Marks::Replacement> &all) const;
    [[nodiscard]] bool isFormatted(std::uint32_t mark, OpId letter) const;
    [[nodiscard]] std::optional<OpId> originOf(OpId letter) const;
    [[nodiscard]] Registers::Number winnerWithoutOwn(std::uint32_t place) const;
    void resetSetting(std::uint32_t place);
    [[nodiscard]] bool isThere(const Registers::Named &named, OpId target) const;
    void reset(const Registers::Named &named, OpId target, const Document::Entry &entry);
    void fill(OpId copy, const Document::Entry &from);

    Document *m_document;
    Document::Impl *m_it;
    Reversal *m_reversal;
    Draft *m_draft;
};

} // namespace nlbd::crdt
