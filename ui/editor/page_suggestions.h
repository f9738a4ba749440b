#pragma once

#include "ui/editor/page_layer.h"
#include "ui/words.h"

#include <QObject>
#include <QStringList>

#include <optional>

namespace nlbd::ui {

class DocumentView;
class PageLooks;
class WorkspaceBridge;

/// What is suggested on a page: where it stands, drawn with the text, and the way from one to the
/// next. What is added has a line under it in its author's colour, what should look otherwise a
/// dotted one, what should go is struck through, and a speech mark stands beside the line. Places
/// are UTF-16 units of the page and move with every edit until the engine tells them anew.
///
/// Drawing costs what is on the screen, an edit as much as there are places.
class PageSuggestions : public QObject, public PageLayer {
    Q_OBJECT

public:
    using What = api::Suggestion::Part::What;
    struct Part {
        qsizetype from = 0;
        qsizetype to = 0;
        What what = What::Added;
        std::uint16_t format = 0; ///< of Styled
    };
    struct Entry {
        api::Suggestion told; ///< its places are those of the engine's text
        std::vector<Part> parts;
    };

    /// Both outlive it.
    PageSuggestions(DocumentView &page, WorkspaceBridge &bridge, QObject *parent = nullptr);
    ~PageSuggestions() override;

    void setPeople(const words::People &people);
    /// In the order of the text.
    [[nodiscard]] const std::vector<Entry> &entries() const { return m_entries; }
    [[nodiscard]] bool isCut() const { return m_isCut; } ///< there are more
    /// Where the caret is, or what is selected begins.
    [[nodiscard]] const Entry *current() const;

    void goTo(const std::string &group);
    void step(int by); ///< to the next after the caret, or before it; round at the end
    void decide(api::Verdict verdict, std::vector<std::string> groups);
    void decideCurrent(api::Verdict verdict);

    /// What the text is while nothing is accepted: without what is only suggested. For export.
    void takeProposalsOut(QStringList &pieces, PageLooks &looks) const;

    void layOver(qsizetype from, qsizetype to, Attributes &attributes) const override;
    void paintUnder(QPainter &painter, const PagePainter &page) const override;
    void paintOver(QPainter &painter, const PagePainter &page) const override;
    void paintGutter(QPainter &painter, const PagePainter &page) const override;

Q_SIGNALS:
    void changed();
    void currentChanged();
    void contested(const QString &sentence);

private:
    void told(const api::SuggestionsChanged &event);
    void take(const api::SuggestionsChanged &event);
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);
    void findCurrent();
    [[nodiscard]] QColor colourOf(const Entry &entry) const;

    DocumentView &m_page;
    WorkspaceBridge &m_bridge;
    words::People m_people;
    std::vector<Entry> m_entries;
    bool m_isCut = false;
    std::string m_current;                            ///< a group; empty: none
    std::optional<api::SuggestionsChanged> m_waiting; ///< came before the text was on the page
};

} // namespace nlbd::ui
