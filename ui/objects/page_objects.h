#pragma once

#include "core/api/event.h"
#include "ui/editor/page_looks.h"
#include "ui/objects/embed.h"

#include <QHash>
#include <QObject>
#include <QStringList>
#include <QTextObjectInterface>

#include <functional>

class QMimeData;
class QPlainTextEdit;

namespace nlbd::ui {

class DocumentView;
class PictureShelf;

/// Draws what stands on a page for something else than letters, each in the place of its one
/// letter: people who are mentioned, pictures. A name is asked for when it is drawn, so that it is
/// always the one that its person has now; a picture too, so that none is decoded that nobody sees.
class PageObjects : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)

public:
    explicit PageObjects(DocumentView &page, QObject *parent = nullptr);

    void setPeople(const std::vector<api::Person> &people);
    void setShelf(PictureShelf &shelf); ///< where pictures come from; borrowed
    /// Draws the objects of another page of the same document as well, which is laid out by a
    /// PageLayout: how it was.
    void showAlsoIn(QPlainTextEdit &page);

    /// A member, as mentions show them.
    struct Member {
        MemberIndex index;
        QString name;
        std::uint8_t colour = 0;
        bool isGone = false;
        friend bool operator==(const Member &, const Member &) = default;
    };
    /// Each once, in the order of the list of members.
    [[nodiscard]] const std::vector<Member> &members() const { return m_members; }

    /// What an object is, in words: "Thea Kallas is mentioned here". Empty for other letters.
    [[nodiscard]] QString wordsAt(qsizetype unit) const;
    /// What stands for it in plain text: "@Thea Kallas".
    [[nodiscard]] QString plain(const Embed &embed) const;

    struct Written {
        QStringList pieces;
        PageLooks looks;
    };
    /// Attachments that letters of a text stand for, each once, in order.
    [[nodiscard]] static std::vector<Hash> picturesOf(const PageLooks &looks);
    /// Of the file; empty if it is not known.
    [[nodiscard]] QString pictureName(const Hash &blob) const;
    /// A text of this page with words in the places of objects, for files and paper. The letters
    /// of pictures that stay are left.
    using Stays = std::function<bool(const Hash &)>;
    [[nodiscard]] Written written(Written all, const Stays &stays) const;
    /// The object at a place of the page.
    [[nodiscard]] std::optional<Embed> at(qsizetype unit) const;
    /// As large as a picture is set in a column of this width.
    [[nodiscard]] static QSizeF fitted(const QSize &size, qreal width);

    /// Puts a mention in the place of [from, to), and a blank behind it.
    void mention(MemberIndex member, qsizetype from, qsizetype to);

    [[nodiscard]] QSizeF intrinsicSize(QTextDocument *document, int place,
                                       const QTextFormat &format) override;
    void drawObject(QPainter *painter, const QRectF &rect, QTextDocument *document, int place,
                    const QTextFormat &format) override;

Q_SIGNALS:
    /// What the object at the caret is; empty: there is none.
    void noted(const QString &words);

private:
    void caretMoved();
    [[nodiscard]] const Member *find(std::uint16_t index) const;
    void drawPicture(QPainter &painter, const QRectF &rect, const Embed &embed,
                     const QTextFormat &format) const;
    void pictureChanged(const Hash &blob);
    void tellOthers(QMimeData *mime, qsizetype from, qsizetype to) const;

    DocumentView &m_page;
    PictureShelf *m_shelf = nullptr;
    std::vector<Member> m_members;
    QString m_noted;
};

} // namespace nlbd::ui
