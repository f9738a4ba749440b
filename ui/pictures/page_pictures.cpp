#include "ui/pictures/page_pictures.h"

#include "core/base/harmless_name.h"
#include "ui/background.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/objects/page_objects.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/workspace_bridge.h"

#include <QApplication>
#include <QDateTime>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>
#include <QThreadPool>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

/// By its name; what is in it is looked at later.
bool mayBePicture(const QString &file)
{
    static const QStringList endings{QStringLiteral("png"),  QStringLiteral("jpg"),
                                     QStringLiteral("jpeg"), QStringLiteral("gif"),
                                     QStringLiteral("webp"), QStringLiteral("bmp")};
    return endings.contains(QFileInfo(file).suffix().toLower());
}

std::string attachedName(const QString &file)
{
    return harmlessName(QFileInfo(file).fileName().toUtf8().toStdString());
}

struct Drawn {
    std::shared_ptr<QTemporaryDir> folder;
    QString file; ///< empty: it could not be written
    QSize size;
};

/// A copied picture has no file: it gets one of its own, for as long as it takes to attach it.
Drawn writeDown(const QImage &image)
{
    Drawn drawn{std::make_shared<QTemporaryDir>(), {}, image.size()};
    const QString name =
        QCoreApplication::translate("PagePictures", "Picture %1.png")
            .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd HH.mm.ss.zzz")));
    const QString file = drawn.folder->filePath(name);
    if (drawn.folder->isValid() && image.save(file, "PNG"))
        drawn.file = file;
    return drawn;
}

} // namespace

PagePictures::PagePictures(DocumentView &page, PageObjects &objects, PictureShelf &shelf,
                           WorkspaceBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_objects(objects)
    , m_shelf(shelf)
    , m_bridge(bridge)
{
    page.viewport()->installEventFilter(this);
    connect(&page, &DocumentView::mediaGiven, this, &PagePictures::take);
    connect(&page, &DocumentView::menuAsked, this, &PagePictures::addToMenu);
    connect(&bridge, &WorkspaceBridge::fileAttached, this, &PagePictures::attached);
    connect(&bridge, &WorkspaceBridge::attachmentFailed, this, &PagePictures::failed);
}

// ---- what comes ---------------------------------------------------------------------------------

void PagePictures::take(const QMimeData &source)
{
    if (const QStringList files = DocumentView::filesIn(&source); !files.isEmpty())
        put(files);
    else if (const auto image = source.imageData().value<QImage>(); !image.isNull())
        putImage(image);
}

void PagePictures::ask()
{
    auto *dialog =
        new QFileDialog(m_page.window(), tr("Put pictures on the page"), {},
                        tr("Pictures (*.png *.jpg *.jpeg *.gif *.webp *.bmp);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &PagePictures::put);
    dialog->open();
}

void PagePictures::put(const QStringList &files)
{
    const auto doc = m_page.shownDocument();
    const bool canPut = doc && m_page.isOpen() && !m_page.isReadOnly();
    QStringList others;
    for (const QString &file : files) {
        if (!canPut || !mayBePicture(file) || m_coming.size() >= kAtOnceMax) {
            others.append(file);
            continue;
        }
        m_coming.push_back({*doc, file, attachedName(file), {}, m_page.textCursor(), {}});
        runInBackground(
            this, [file] { return PictureShelf::sizeOf(file); },
            [this, file](const std::optional<QSize> &size) { measured(file, size); });
    }
    if (!others.isEmpty())
        Q_EMIT filesGiven(others);
}

void PagePictures::putImage(const QImage &image)
{
    const auto doc = m_page.shownDocument();
    if (!doc || !m_page.isOpen() || m_page.isReadOnly()) {
        Q_EMIT told(tr("<b>Nothing was put here.</b> You may read here, but not write."));
        return;
    }
    if (qint64(image.width()) * image.height() > PictureShelf::kPixelsMax) {
        Q_EMIT told(tr("<b>Nothing was put here.</b> The picture is too large to be shown. Save it "
                       "as a file and attach that."));
        return;
    }
    runInBackground(
        this, [image] { return writeDown(image); },
        [this, doc = *doc, place = m_page.textCursor()](const Drawn &drawn) {
            if (drawn.file.isEmpty()) {
                Q_EMIT told(tr("<b>Nothing was put here.</b> The picture could not be written to a "
                               "folder for the moment. Is the disk full?"));
                return;
            }
            m_coming.push_back(
                {doc, drawn.file, attachedName(drawn.file), {}, place, drawn.folder});
            measured(drawn.file, drawn.size);
        });
}

void PagePictures::measured(const QString &file, const std::optional<QSize> &size)
{
    const auto coming = std::ranges::find_if(
        m_coming, [&](const Coming &it) { return it.file == file && !it.isSubmitted; });
    if (coming == m_coming.end())
        return;
    if (!size) { // no picture, whatever it is called
        m_coming.erase(coming);
        Q_EMIT filesGiven({file});
        return;
    }
    coming->size = size->boundedTo({Embed::kSideMax, Embed::kSideMax});
    coming->isSubmitted = true;
    m_bridge.submit(api::AttachFile{coming->doc, QFile::encodeName(file).toStdString()});
}

std::list<PagePictures::Coming>::const_iterator
PagePictures::find(const api::FileAttached &event) const
{
    return std::ranges::find_if(m_coming, [&](const Coming &it) {
        return it.isSubmitted && it.doc == event.doc && it.name == event.name;
    });
}

bool PagePictures::awaits(const api::FileAttached &event) const
{
    return m_page.shownDocument() == event.doc && find(event) != m_coming.end();
}

void PagePictures::attached(const api::FileAttached &event)
{
    const auto coming = find(event);
    if (coming == m_coming.end())
        return;
    insert(*coming, event.blob);
    forget(coming);
}

void PagePictures::failed(const api::AttachmentFailed &event)
{
    const auto coming = std::ranges::find_if(m_coming, [&](const Coming &it) {
        return it.isSubmitted && QFile::encodeName(it.file).toStdString() == event.file;
    });
    if (event.what == api::AttachmentFailed::What::Attach && coming != m_coming.end())
        forget(coming); // why, the window tells
}

/// What was made for it is taken away where it may take a while.
void PagePictures::forget(std::list<Coming>::const_iterator coming)
{
    if (const auto folder = coming->folder)
        QThreadPool::globalInstance()->start([folder] { folder->remove(); });
    m_coming.erase(coming);
}

/// In a paragraph of its own: that of the caret if nothing stands in it, else one behind it.
void PagePictures::insert(const Coming &coming, const Hash &blob)
{
    if (m_page.shownDocument() != coming.doc || !m_page.isOpen()) {
        Q_EMIT told(tr("<b>Attached, but not put on the page,</b> for another page was opened. It "
                       "is among the attachments."));
        return;
    }
    const QTextBlock block = coming.place.block();
    const bool isEmpty = block.length() <= 1;
    const qsizetype at = isEmpty ? block.position() : block.position() + block.length() - 1;
    PageChange change{at, at, isEmpty ? QString() : QStringLiteral("\n")};
    change.text->append(QChar(kObjectLetter));
    change.plainHead = isEmpty ? 0 : 1;
    change.letters = {{kEmbed, valueOf(Embed{Embed::Kind::Picture, 0, blob, coming.size})}};
    if (!m_page.change(change))
        Q_EMIT told(tr("<b>Attached, but not put on the page,</b> which could not be changed at "
                       "that moment. It is among the attachments."));
}

// ---- what is on the page ------------------------------------------------------------------------

std::optional<Hash> PagePictures::missingAt(QPoint point) const
{
    const auto doc = m_page.shownDocument();
    const int near = m_page.cursorForPosition(point).position();
    for (const int unit : {near, near - 1}) {
        const auto embed = m_objects.at(unit);
        if (!doc || !embed || embed->kind != Embed::Kind::Picture)
            continue;
        QTextCursor before(m_page.document());
        before.setPosition(unit);
        const int inside = before.positionInBlock();
        const QTextLine line = before.block().layout()->lineForTextPosition(inside);
        if (!line.isValid())
            continue;
        QRect place = m_page.cursorRect(before);
        place.setWidth(static_cast<int>(line.cursorToX(inside + 1) - line.cursorToX(inside)));
        const bool isMissing =
            m_shelf.known(*doc, embed->blob).state == PictureShelf::State::Elsewhere;
        if (isMissing && place.contains(point))
            return embed->blob;
    }
    return std::nullopt;
}

bool PagePictures::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::MouseButtonPress) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        m_pressed = mouse->button() == Qt::LeftButton ? std::optional(mouse->pos()) : std::nullopt;
    } else if (event->type() == QEvent::MouseButtonRelease && m_pressed) {
        const QPoint at = static_cast<QMouseEvent *>(event)->pos();
        const QPoint pressed = *std::exchange(m_pressed, std::nullopt);
        const bool isClick = (at - pressed).manhattanLength() < QApplication::startDragDistance();
        if (const auto blob = isClick ? missingAt(at) : std::nullopt)
            m_shelf.fetch(*blob);
    }
    return QObject::eventFilter(watched, event);
}

void PagePictures::addToMenu(QMenu &menu, qsizetype place)
{
    const auto doc = m_page.shownDocument();
    for (const qsizetype unit : {place, place - 1}) {
        const auto embed = m_objects.at(unit);
        if (!doc || !embed || embed->kind != Embed::Kind::Picture)
            continue;
        if (m_shelf.known(*doc, embed->blob).state == PictureShelf::State::Elsewhere)
            connect(menu.addAction(tr("Fetch the picture")), &QAction::triggered, this,
                    [this, blob = embed->blob] { m_shelf.fetch(blob); });
        connect(menu.addAction(tr("Show the picture\u2019s file")), &QAction::triggered, this,
                &PagePictures::attachmentsWanted);
        menu.addSeparator();
        return;
    }
}

} // namespace nlbd::ui
