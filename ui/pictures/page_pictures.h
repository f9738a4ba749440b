#pragma once

#include "core/api/attachments.h"

#include <QImage>
#include <QObject>
#include <QPoint>
#include <QStringList>
#include <QTextCursor>

#include <list>
#include <memory>

class QMenu;
class QMimeData;
class QTemporaryDir;

namespace nlbd::ui {

class DocumentView;
class PageObjects;
class PictureShelf;
class WorkspaceBridge;

/// Puts pictures on a page: files and copied pictures become attachments of its document, and
/// letters that stand for them. One that is not on this computer is fetched by a click.
class PagePictures : public QObject {
    Q_OBJECT

public:
    /// All are borrowed.
    PagePictures(DocumentView &page, PageObjects &objects, PictureShelf &shelf,
                 WorkspaceBridge &bridge, QObject *parent = nullptr);

    /// What was dropped or pasted at the caret. Files that are no pictures are filesGiven().
    void take(const QMimeData &source);
    void ask(); ///< which files, in a dialog
    void put(const QStringList &files);

    /// It is going to be seen on the page.
    [[nodiscard]] bool awaits(const api::FileAttached &event) const;

    static constexpr std::size_t kAtOnceMax = 32; ///< files that are put on the page in one go

Q_SIGNALS:
    void filesGiven(const QStringList &files); ///< to be attached alone
    void told(const QString &sentence);        ///< something could not be done; rich text
    void attachmentsWanted();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    /// A file on its way to being attached.
    struct Coming {
        DocIndex doc;
        QString file;
        std::string name; ///< of the attachment
        QSize size;
        QTextCursor place;
        std::shared_ptr<QTemporaryDir> folder; ///< of a file that was made for it
        bool isSubmitted = false;
    };
    void putImage(const QImage &image);
    void measured(const QString &file, const std::optional<QSize> &size);
    void attached(const api::FileAttached &event);
    void failed(const api::AttachmentFailed &event);
    void insert(const Coming &coming, const Hash &blob);
    void addToMenu(QMenu &menu, qsizetype place);
    [[nodiscard]] std::optional<Hash> missingAt(QPoint point) const;
    void forget(std::list<Coming>::const_iterator coming);
    [[nodiscard]] std::list<Coming>::const_iterator find(const api::FileAttached &event) const;

    DocumentView &m_page;
    PageObjects &m_objects;
    PictureShelf &m_shelf;
    WorkspaceBridge &m_bridge;
    std::list<Coming> m_coming;
    std::optional<QPoint> m_pressed;
};

} // namespace nlbd::ui
