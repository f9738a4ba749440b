#pragma once

#include <QObject>
#include <QString>
#include <QTimer>

#include <optional>
#include <vector>

namespace nlbd::ui {

class DocumentView;
class PageLayout;

/// The headings of a page, kept up to date as it is edited: only blocks that were touched are
/// looked at, a few at a time, so that a key costs what the headings behind it cost and no look at
/// the text.
class HeadingIndex : public QObject {
    Q_OBJECT

public:
    static constexpr std::size_t kHeadingsMax = 5000; ///< more are not listed

    explicit HeadingIndex(DocumentView &page, QObject *parent = nullptr);

    struct Heading {
        qsizetype place = 0; ///< where its block begins, in UTF-16 units
        int level = 0;       ///< 0 is the title, then 1 to 3
        QString text;        ///< its beginning
        [[nodiscard]] bool isSameAs(const Heading &other) const
        {
            return level == other.level && text == other.text;
        }
    };
    [[nodiscard]] const std::vector<Heading> &headings() const { return m_headings; }
    /// The heading over a place.
    [[nodiscard]] std::optional<std::size_t> over(qsizetype place) const;
    /// All edits so far have been looked at.
    [[nodiscard]] bool isSettled() const { return m_dirty.empty(); }

Q_SIGNALS:
    /// A heading came, went or reads differently.
    void changed();

private:
    /// Places that are looked at anew, first and last unit.
    struct Range {
        qsizetype from = 0;
        qsizetype to = 0;
    };
    void textChanged(int at, int removed, int added);
    void touch(qsizetype from, qsizetype to);
    void look();
    [[nodiscard]] bool lookAt(Range &range);

    DocumentView &m_page;
    PageLayout *m_layout = nullptr;
    std::vector<Heading> m_headings;
    std::vector<Range> m_dirty;
    bool m_hasNews = false;
    QTimer m_timer;
};

} // namespace nlbd::ui
