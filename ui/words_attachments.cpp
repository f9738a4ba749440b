#include "ui/words_attachments.h"

#include "core/base/blob_limits.h"
#include "ui/words_connections.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace nlbd::ui::words {

namespace {

using State = api::AttachmentInfo::State;
using Obstacle = api::AttachmentInfo::Obstacle;

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QString namesOf(const People &people, const std::vector<DeviceIndex> &devices)
{
    QStringList all;
    for (const DeviceIndex device : devices)
        if (const QString name = nameOf(people, device); !all.contains(name))
            all.append(name); // two computers of one person are one
    return names(all);
}

QString partOf(const api::AttachmentInfo &info)
{
    return tr("%1 of %2").arg(bytes(info.held), bytes(info.size));
}

bool isOne(const std::vector<DeviceIndex> &devices)
{
    return devices.size() == 1;
}

} // namespace

QString attachmentState(const api::AttachmentInfo &info, const People &people)
{
    switch (info.state) {
    case State::Here:
        return info.holders.empty() ? tr("Here")
                                    : tr("Here, and with %1").arg(namesOf(people, info.holders));
    case State::Fetching:
        return info.from.empty()
            ? tr("Coming: %1").arg(partOf(info))
            : tr("Coming: %1, from %2").arg(partOf(info), namesOf(people, info.from));
    case State::Waiting:
        return tr("Waiting: %1 are here").arg(partOf(info));
    case State::Elsewhere:
        return info.holders.empty()
            ? tr("Not on this computer yet")
            : (isOne(info.holders) ? tr("Not on this computer yet. %1 has it")
                                   : tr("Not on this computer yet. %1 have it"))
                  .arg(namesOf(people, info.holders));
    case State::Nowhere:
        return tr("Not on this computer");
    }
    return {};
}

QString attachmentDetail(const api::AttachmentInfo &info, const People &people)
{
    QString said = tr("Attached by %1, %2.").arg(nameOf(people, info.by), whenExactly(info.when));
    if (info.obstacle == Obstacle::TooMuchOfMember)
        return said + QLatin1Char(' ')
            + tr("So much of what %1 attached is on this computer that no more is taken.")
                  .arg(nameOf(people, info.by));
    if (info.obstacle == Obstacle::DiskRefuses)
        return said + QLatin1Char(' ')
            + tr("The disk is full or not writable: make room. It is tried again by itself.");
    switch (info.state) {
    case State::Here:
        if (info.holders.empty())
            said += QLatin1Char(' ')
                + tr("Nobody else who is connected is known to have it. Stay online until "
                     "somebody does.");
        break;
    case State::Fetching:
        said += QLatin1Char(' ') + tr("You can go on writing, and close this window.");
        break;
    case State::Waiting:
    case State::Nowhere:
        said += QLatin1Char(' ')
            + tr("Nobody who is connected has more of it. It comes when somebody who has it is "
                 "online again.");
        break;
    case State::Elsewhere:
        said += QLatin1Char(' ')
            + tr("Files of more than %1 come when you ask for them.")
                  .arg(bytes(limits::kBlobAutoBytes));
        break;
    }
    return said;
}

QString attachmentFailed(const api::AttachmentFailed &event)
{
    using Why = api::AttachmentFailed::Why;
    const QString name = QFileInfo(QString::fromUtf8(event.file)).fileName().toHtmlEscaped();
    const bool isSaving = event.what == api::AttachmentFailed::What::Save;
    const QString title =
        (isSaving ? tr("<b>%1 was not saved.</b> ") : tr("<b>%1 was not attached.</b> ")).arg(name);
    switch (event.why) {
    case Why::NoSuchFile:
        return title + tr("It is no file that can be read. Nothing was changed.");
    case Why::TooLarge:
        return title
            + tr("It is larger than %1. Nothing was changed.").arg(bytes(limits::kBlobBytesMax));
    case Why::Changed:
        return title + tr("It was changed while it was read. Try again when nobody writes it.");
    case Why::NotHere:
        return title + tr("Not all of it is on this computer. Fetch it first.");
    case Why::Damaged:
        return title
            + tr("What is on the disk is not what was attached. What is damaged is fetched again; "
                 "if that does not help, ask who attached it.");
    case Why::DiskRefuses:
        return title
            + tr("The disk is full or not writable. Your texts are safe. Make room, or choose "
                 "another place.");
    case Why::MayNotWrite:
        return title + tr("You may not write here at the moment. Nothing was changed.");
    case Why::Busy:
        return title + tr("Too many files at once. Try again in a while.");
    }
    return title;
}

QString attachmentDone(const QString &name)
{
    return tr("<b>Attached.</b> %1").arg(name.toHtmlEscaped());
}

QString fileProgress(const api::FileProgress &event)
{
    const QString name =
        QFileInfo(QFile::decodeName(QByteArray::fromStdString(event.file))).fileName();
    const QString said = event.what == api::FileProgress::What::Attach
        ? tr("Attaching %1: %2 of %3. You can go on writing.")
        : tr("Saving %1: %2 of %3. You can go on writing.");
    return said.arg(name, bytes(event.done), bytes(event.size));
}

QString askToOpen(const api::AttachmentInfo &info, const People &people)
{
    return tr("%1 was attached by %2. Open a copy of it with the program of this computer for such "
              "files? Open only what you expect: nobody has looked into it.")
        .arg(QString::fromUtf8(info.name), nameOf(people, info.by));
}

QString mayNotOpen(const QString &name)
{
    return tr("%1 may run as a program where it is opened, so it is not opened from here. Save it, "
              "if you know what it is.")
        .arg(name);
}

} // namespace nlbd::ui::words
