#pragma once

#include <QObject>
#include <QString>

#include <optional>

class QMenu;
class QMimeData;
class QUrl;

namespace nlbd::ui {

class DocumentView;
class LinkBox;

/// Links on a page: makes them of what is typed, pasted or chosen, tells where they lead before
/// anybody follows one, and opens none but those of a few kinds (link_target.h). A link is a mark
/// of letters; it ends where it was made to end, whatever is typed behind it.
class PageLinks : public QObject {
    Q_OBJECT

public:
    explicit PageLinks(DocumentView &page, QObject *parent = nullptr);
    ~PageLinks() override;

    struct Link {
        qsizetype from = 0;
        qsizetype to = 0;
        QString target;
        friend bool operator==(const Link &, const Link &) = default;
    };
    /// The link of a letter, as far as it goes in its block; not further than kReach to either
    /// side.
    static constexpr qsizetype kReach = 2000;
    [[nodiscard]] std::optional<Link> linkAt(qsizetype unit) const;
    /// The one that the caret is in or at.
    [[nodiscard]] std::optional<Link> linkAtCaret() const;

    /// The box in which the address of the selection, or of the link at the caret, is written.
    void edit();
    /// Opens the link at the caret, or says why not.
    void open();
    [[nodiscard]] LinkBox &box() { return *m_box; }

    /// Pasted over a selection an address makes it a link. True if that was done.
    static bool pasteOver(DocumentView &page, const QMimeData &source);

Q_SIGNALS:
    /// Where the link at the caret or under the mouse leads; empty: there is none.
    void noted(const QString &words);
    /// A whole sentence, rich text.
    void told(const QString &sentence);
    /// To be opened by the system.
    void wanted(const QUrl &url);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void typed(qsizetype at, const QString &inserted);
    void caretMoved();
    void follow(const Link &link);
    void note(const std::optional<Link> &link);
    [[nodiscard]] std::optional<Link> linkUnder(QPoint place) const;
    [[nodiscard]] QString wordsOf(const Link &link) const;
    void apply(const QString &target);
    void addTo(QMenu &menu, qsizetype place);
    bool mouseEvent(QEvent *event);

    DocumentView &m_page;
    LinkBox *m_box = nullptr;
    std::optional<Link> m_noted;
    int m_revision = 0; ///< of the text when the caret was last seen
};

} // namespace nlbd::ui
