#include "ui/words_pictures.h"

#include "ui/objects/embed.h"
#include "ui/pictures/picture_files.h"
#include "ui/words_connections.h"

#include <QCoreApplication>

namespace nlbd::ui::words {

namespace {

using State = PictureShelf::State;

QString tr(const char *text)
{
    return QCoreApplication::translate("Words", text);
}

/// Where it is; empty if it can be seen.
QString stateOf(const PictureShelf::Look &look)
{
    switch (look.state) {
    case State::Ready:
        return {};
    case State::Opening:
        return tr("Being opened");
    case State::Coming:
        return tr("Coming: %1 %").arg(look.percent);
    case State::Elsewhere:
        return tr("Not on this computer yet. Click to fetch it");
    case State::Nowhere:
        return tr("Not on this computer, and nobody who has it is near");
    case State::NotAttached:
        return tr("Not attached to this document");
    case State::TooLarge:
        return tr("Too large to be shown here. It is among the attachments");
    case State::Broken:
        return tr("This is no picture that can be shown. It is among the attachments");
    }
    return {};
}

} // namespace

QString pictureFrame(const PictureShelf::Look &look)
{
    const QString state = stateOf(look);
    if (look.name.isEmpty())
        return state;
    return QStringLiteral("%1\n%2").arg(tr("%1, %2").arg(quietName(look.name), bytes(look.size)),
                                        state);
}

QString pictureAt(const PictureShelf::Look &look, const QSize &size)
{
    const QString name =
        look.name.isEmpty() ? tr("Picture") : tr("Picture: %1").arg(quietName(look.name));
    const QString state = stateOf(look);
    const QString whole = tr("%1, %2 by %3").arg(name).arg(size.width()).arg(size.height());
    return state.isEmpty() ? whole : QStringLiteral("%1. %2").arg(whole, state);
}

QString exported(const QString &path, const ExportedPictures &pictures)
{
    QString sentence = tr("<b>Exported.</b> %1").arg(path.toHtmlEscaped());
    if (pictures.written > 0)
        sentence +=
            tr(", with its pictures in \u201c%1\u201d").arg(picturesFolder(path).toHtmlEscaped());
    if (pictures.missing > 0) {
        sentence += QStringLiteral(". ")
            + (pictures.missing == 1
                   ? tr("One picture is not on this computer: its name is in its place.")
                   : tr("%1 pictures are not on this computer: their names are in their places.")
                         .arg(pictures.missing));
    }
    return sentence;
}

} // namespace nlbd::ui::words
