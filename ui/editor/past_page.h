#pragma once

#include "core/api/event.h"
#include "ui/editor/page_looks.h"
#include "ui/editor/page_marks.h"
#include "ui/editor/page_painter.h"
#include "ui/editor/utf16_map.h"

#include <QElapsedTimer>
#include <QPlainTextEdit>

namespace nlbd::ui {

class PageLayout;

/// A page as it was, to be read: with what came underlined and what went struck through, in the
/// colours of those who did it and with their initials beside the lines; or as it was and nothing
/// else.
class PastPage : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit PastPage(QWidget *parent = nullptr);
    ~PastPage() override;

    void setPeople(const std::vector<api::Person> &people);
    void showPast(const api::PastTextTold &told);
    void showNothing();
    void setDifferences(bool areShown);

    /// Stretches that differ, those that touch taken together.
    [[nodiscard]] int differences() const { return static_cast<int>(m_places.size()); }
    /// Selects the next one after the caret, or with -1 the one before, around the end. False
    /// without any.
    bool goToDifference(int step);
    /// Who did what at the caret, a sentence; empty where nothing differs.
    [[nodiscard]] QString wordsAtCaret() const;

    /// What is selected, in the text as it was; nothing if that has none of it.
    [[nodiscard]] std::optional<api::RestorePast::Part> selectedPart() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    class Gutter;
    /// A run of the answer in units of what is shown.
    struct Change {
        qsizetype from = 0;
        qsizetype to = 0;
        api::PastRun run;
    };
    void fill();
    void layMargins();
    [[nodiscard]] bool isHidden(const api::PastRun &run) const;
    [[nodiscard]] TextOffset pastOffset(qsizetype unit) const;
    [[nodiscard]] PagePainter painterFor(QRectF clip) const;
    void paintUnder(QPainter &painter, const PagePainter &page) const;
    void paintOver(QPainter &painter, const PagePainter &page) const;
    template <typename Use>
    void eachShown(const PagePainter &page, Use use) const;
    [[nodiscard]] const Change *changeAt(qsizetype unit) const;
    [[nodiscard]] QString wordsOf(const Change &change) const;
    [[nodiscard]] CaretLook lookOf(MemberIndex member) const;

    std::shared_ptr<const api::PastText> m_past; ///< never null
    api::AskPastText::Against m_against = api::AskPastText::Against::Before;
    bool m_hasDifferences = true;
    std::vector<Change> m_changes; ///< that are shown
    std::vector<std::pair<qsizetype, qsizetype>> m_places;
    Utf16Map m_text; ///< what is shown
    PageLooks m_looks;
    PageLayout *m_layout = nullptr;           ///< of the document, which owns it
    PageMarks m_marks;                        ///< none
    QHash<std::uint16_t, CaretLook> m_people; ///< by member
    QHash<std::uint16_t, CaretLook> m_nobody;
    Gutter *m_gutter = nullptr;
};

} // namespace nlbd::ui
