#pragma once

#include "core/api/event.h"
#include "ui/editor/page_authors.h"

#include <QString>

#include <optional>
#include <vector>

namespace nlbd::ui {

/// A place in the view after `removed` units at `at` were replaced by `inserted` ones.
enum class Stick : std::uint8_t { Left, Right };
[[nodiscard]] qsizetype placeAfter(qsizetype place, qsizetype at, qsizetype removed,
                                   qsizetype inserted, Stick stick) noexcept;

/// What is drawn on and beside the text: agreement, authors and other people's carets. Places are
/// UTF-16 units of the view and move with every edit. Times are milliseconds of one steady clock.
class PageMarks {
public:
    struct Range {
        qsizetype from = 0;
        qsizetype to = 0;
        api::Agreement state = api::Agreement::Pencil;
        qint64 since = 0; ///< when this text came into this state, as far as the view saw it
    };
    struct Caret {
        DeviceIndex device;
        qsizetype caret = 0;
        qsizetype anchor = 0;
        qint64 movedAt = 0;
        QString preview; ///< what is being typed there, never part of the text
        qsizetype previewAt = 0;
        /// The caret runs ahead of the text, at the end of what is being typed.
        [[nodiscard]] bool isAtPreview() const { return !preview.isEmpty() && caret == previewAt; }
    };

    /// A mark in pencil is underlined only after this long: most is agreed before.
    static constexpr qint64 kPencilDelay = 3000;
    /// Fresh agreement is shown in full this long, then pale.
    static constexpr qint64 kFreshLife = 10'000;
    /// The name at a caret is shown this long after its last move, then fades to a flag.
    static constexpr qint64 kLabelLife = 2000;
    static constexpr qint64 kLabelFade = 120;

    void clear();
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);

    /// Replaces all ranges. Text that was in the same state before keeps its time.
    void setAgreement(std::vector<Range> ranges, std::uint16_t seats, qint64 now);
    /// A caret that is told again without having moved keeps its time.
    void setCaret(DeviceIndex device, std::optional<Caret> caret);
    [[nodiscard]] bool hasPreview() const noexcept;

    /// Sorted and apart; what none covers is agreed.
    [[nodiscard]] const std::vector<Range> &ranges() const noexcept { return m_ranges; }
    [[nodiscard]] const std::vector<Range> &fresh() const noexcept { return m_fresh; }
    [[nodiscard]] const std::vector<Caret> &carets() const noexcept { return m_carets; }
    [[nodiscard]] PageAuthors &authors() noexcept { return m_authors; }
    [[nodiscard]] const PageAuthors &authors() const noexcept { return m_authors; }

    /// A range that somebody looks after moves along; nothing once all of it is gone.
    void watch(std::optional<Range> range) { m_watched = range; }
    [[nodiscard]] const std::optional<Range> &watched() const noexcept { return m_watched; }

    /// With one seat nobody can agree, and nothing is marked, ever.
    [[nodiscard]] bool hasOthers() const noexcept { return m_seats > 1; }

    /// Milliseconds until something looks different without an event; -1 if nothing will.
    [[nodiscard]] qint64 nextChange(qint64 now) const;

private:
    void keepTimes(std::vector<Range> &ranges) const;
    void noteAgreed(const std::vector<Range> &next, qint64 now);

    std::vector<Range> m_ranges;
    std::vector<Range> m_fresh;
    std::vector<Caret> m_carets;
    PageAuthors m_authors;
    std::optional<Range> m_watched;
    std::uint16_t m_seats = 0;
};

} // namespace nlbd::ui
