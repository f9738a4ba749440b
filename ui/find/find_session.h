#pragma once

#include "ui/editor/page_layer.h"
#include "ui/find/text_search.h"

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <memory>
#include <optional>

namespace nlbd::ui {

class DocumentView;

/// What is looked for on a page: where it is found, which place is the current one, what it is
/// replaced by. Searches on a thread of its own and is never waited for; a new query calls off the
/// one before. Places move with every edit, whoever makes it, and are looked for anew after it.
class FindSession : public QObject, private PageLayer {
    Q_OBJECT

public:
    /// Of the pencil's ochre upon the page: what a place that was found has behind it.
    static constexpr double kHitTint = 0.30;

    explicit FindSession(DocumentView &page, QObject *parent = nullptr);
    ~FindSession() override;

    /// An empty text ends the search and takes the marks away. The current place is the first one
    /// from `from` on.
    void look(const FindQuery &query, qsizetype from);
    void end();
    [[nodiscard]] const FindQuery &query() const { return m_query; }

    /// The next place or the one before, around the ends of the text; scrolls to it.
    void step(int by);
    /// Replaces the current place and goes to the next one. False if there is none.
    bool replaceCurrent(const QString &text);
    /// Replaces all places, those as well that are found while the last edits are looked through;
    /// `replacedAll` follows.
    void replaceAll(const QString &text);

    [[nodiscard]] bool isSearching() const { return m_isUnderWay || m_isDirty; }
    [[nodiscard]] FindResult::End outcome() const { return m_outcome; }
    [[nodiscard]] QString why() const { return m_why; }
    [[nodiscard]] const std::vector<FindHit> &hits() const { return m_hits; }
    [[nodiscard]] std::optional<std::size_t> current() const { return m_current; }

Q_SIGNALS:
    /// Places, the current one or how the search ended.
    void changed();
    void replacedAll(qsizetype count, bool isMore);

private:
    struct Change {
        qsizetype at = 0;
        qsizetype removed = 0;
        qsizetype added = 0;
    };
    void paintUnder(QPainter &painter, const PagePainter &page) const override;
    void paintOver(QPainter &painter, const PagePainter &page) const override;
    void textChanged(int at, int removed, int added);
    static void carry(std::vector<FindHit> &hits, const Change &change);
    void start();
    void callOff();
    void take(std::uint64_t number, FindResult result);
    void choose(qsizetype from);
    void markScrollBar();
    void showCurrent();
    void tell();
    [[nodiscard]] std::size_t firstFrom(qsizetype place) const;

    DocumentView &m_page;
    FindQuery m_query;
    std::optional<QString> m_replacement; ///< of all, as soon as all are found
    std::vector<FindHit> m_hits;
    std::optional<std::size_t> m_current;
    qsizetype m_from = 0; ///< where the current one is looked for
    bool m_wantsShown = false;
    bool m_isDirty = false;
    bool m_isUnderWay = false;
    FindResult::End m_outcome = FindResult::End::All;
    QString m_why;
    std::vector<Change> m_since; ///< what happened to the text that is searched now
    std::uint64_t m_number = 0;
    std::shared_ptr<std::atomic<bool>> m_isStale;
    QThreadPool m_threads;
    QTimer m_timer;
};

} // namespace nlbd::ui
