#include "ui/pictures/picture_shelf.h"

#include "ui/background.h"
#include "ui/workspace_bridge.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImageReader>

#include <algorithm>
#include <array>

namespace nlbd::ui {

namespace {

using Info = api::AttachmentInfo;

constexpr std::size_t kReadingMax = 2; ///< at once: each may be kBytesMax in memory

/// Formats of pixels. Those that are drawn by a program, as SVG, are none.
bool isShown(const QByteArray &format)
{
    static constexpr std::array kFormats{"png", "jpeg", "jpg", "gif", "webp", "bmp"};
    return std::ranges::any_of(kFormats, [&](const char *each) { return format == each; });
}

/// As it is seen: cameras write pictures lying on their side.
QSize seenSize(const QImageReader &reader)
{
    const QSize size = reader.size();
    const bool isTurned = reader.transformation().testFlag(QImageIOHandler::TransformationRotate90);
    return isTurned ? size.transposed() : size;
}

bool isTooLarge(const QSize &size)
{
    return qint64(size.width()) * size.height() > PictureShelf::kPixelsMax;
}

} // namespace

PictureShelf::PictureShelf(WorkspaceBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_bridge(bridge)
{
    connect(&bridge, &WorkspaceBridge::attachmentsChanged, this, &PictureShelf::attachmentsChanged);
    connect(&bridge, &WorkspaceBridge::attachmentRead, this, &PictureShelf::attachmentRead);
}

QString PictureShelf::formatOf(const QByteArray &content)
{
    QBuffer buffer;
    buffer.setData(content);
    if (!buffer.open(QIODevice::ReadOnly))
        return {};
    const QByteArray format = QImageReader::imageFormat(&buffer);
    if (!isShown(format))
        return {};
    return format == "jpeg" ? QStringLiteral("jpg") : QString::fromLatin1(format);
}

std::optional<QSize> PictureShelf::sizeOf(const QString &file)
{
    QImageReader reader(file);
    reader.setDecideFormatFromContent(true);
    if (!reader.canRead() || !isShown(reader.format()))
        return std::nullopt;
    const QSize size = seenSize(reader);
    if (size.isEmpty() || isTooLarge(size))
        return std::nullopt;
    return size;
}

PictureShelf::Decoded PictureShelf::decode(const QByteArray &content, const QSize &box)
{
    QBuffer buffer;
    buffer.setData(content);
    if (!buffer.open(QIODevice::ReadOnly))
        return {};
    QImageReader reader(&buffer);
    reader.setAutoTransform(true);
    if (!reader.canRead() || !isShown(reader.format()))
        return {};
    const QSize size = reader.size();
    if (size.isEmpty())
        return {};
    if (isTooLarge(size))
        return {{}, State::TooLarge};
    const bool isTurned = reader.transformation().testFlag(QImageIOHandler::TransformationRotate90);
    const QSize fitted = size.scaled(isTurned ? box.transposed() : box, Qt::KeepAspectRatio);
    if (fitted.width() < size.width())
        reader.setScaledSize(fitted.expandedTo({1, 1}));
    QImage image = reader.read();
    if (image.isNull())
        return {};
    image.convertTo(image.hasAlphaChannel() ? QImage::Format_ARGB32_Premultiplied
                                            : QImage::Format_RGB32);
    return {std::move(image), State::Ready};
}

// ---- what there is ------------------------------------------------------------------------------

PictureShelf::Look PictureShelf::known(DocIndex doc, const Hash &blob) const
{
    Look look;
    const auto info = m_infos.find({doc, blob});
    if (info == m_infos.end())
        return look;
    const Info &it = info->second;
    look.name = QString::fromUtf8(it.name);
    look.size = it.size;
    look.percent = it.size == 0 ? 0 : static_cast<int>(it.held * 100 / it.size);
    switch (it.state) {
    case Info::State::Here:
        look.state = State::Opening;
        break;
    case Info::State::Fetching:
    case Info::State::Waiting:
        look.state = State::Coming;
        break;
    case Info::State::Elsewhere:
        look.state = State::Elsewhere;
        break;
    case Info::State::Nowhere:
        look.state = State::Nowhere;
        break;
    }
    if (it.size > kBytesMax)
        look.state = State::TooLarge;
    const auto kept = m_kept.find(blob);
    if (kept == m_kept.end() || look.state != State::Opening)
        return look;
    look.image = kept->second.image;
    if (kept->second.failure)
        look.state = *kept->second.failure;
    else if (!look.image.isNull())
        look.state = State::Ready;
    return look;
}

PictureShelf::Look PictureShelf::look(DocIndex doc, const Hash &blob, const QSize &pixels)
{
    const Look look = known(doc, blob);
    if (look.state != State::Opening && look.state != State::Ready)
        return look;
    Kept &kept = m_kept[blob];
    kept.used = ++m_clock;
    kept.wanted = pixels;
    if (kept.request == 0 && kept.made != pixels)
        ask(doc, blob, kept);
    return look;
}

void PictureShelf::fetch(const Hash &blob)
{
    m_bridge.submit(api::FetchAttachment{blob, true});
}

void PictureShelf::attachmentsChanged(const api::AttachmentsChanged &event)
{
    std::map<std::pair<DocIndex, Hash>, Info> infos;
    for (const Info &info : event.attachments)
        infos.emplace(std::pair(info.doc, info.blob), info);
    std::vector<Hash> different;
    for (const auto &[key, info] : infos) {
        const auto before = m_infos.find(key);
        if (before == m_infos.end() || before->second != info)
            different.push_back(key.second);
    }
    for (const auto &[key, info] : m_infos)
        if (!infos.contains(key))
            different.push_back(key.second);
    m_infos = std::move(infos);
    for (const Hash &blob : different)
        Q_EMIT changed(blob);
}

// ---- reading ------------------------------------------------------------------------------------

void PictureShelf::ask(DocIndex doc, const Hash &blob, Kept &kept)
{
    if (m_reading >= kReadingMax) {
        const auto wish = std::pair(doc, blob);
        if (std::ranges::find(m_waiting, wish) == m_waiting.end())
            m_waiting.push_back(wish);
        return;
    }
    ++m_reading;
    kept.request = m_bridge.nextRequest();
    m_bridge.submit(api::ReadAttachment{kept.request, doc, blob, kBytesMax});
}

void PictureShelf::askWaiting()
{
    while (m_reading < kReadingMax && !m_waiting.empty()) {
        const auto [doc, blob] = m_waiting.back(); // what was looked at last
        m_waiting.pop_back();
        const auto kept = m_kept.find(blob);
        if (kept != m_kept.end() && kept->second.request == 0
            && kept->second.made != kept->second.wanted)
            ask(doc, blob, kept->second);
    }
}

void PictureShelf::attachmentRead(const api::AttachmentRead &event)
{
    const auto kept = m_kept.find(event.blob);
    if (kept == m_kept.end() || kept->second.request != event.request || event.request == 0)
        return;
    const QSize box = kept->second.wanted;
    if (event.failure) {
        using Why = api::AttachmentFailed::Why;
        const bool isForNow = *event.failure == Why::Busy || *event.failure == Why::NotHere;
        decoded(event.blob, isForNow ? kept->second.made : box,
                {{},
                 *event.failure == Why::TooLarge ? State::TooLarge
                                                 : (isForNow ? State::Opening : State::Broken)});
        return;
    }
    const QByteArray content(reinterpret_cast<const char *>(event.content.data()),
                             static_cast<qsizetype>(event.content.size()));
    runInBackground(
        this, [content, box] { return decode(content, box); },
        [this, blob = event.blob, box](const Decoded &result) { decoded(blob, box, result); });
}

void PictureShelf::decoded(const Hash &blob, const QSize &box, const Decoded &result)
{
    --m_reading;
    Kept &kept = m_kept[blob];
    kept.request = 0;
    kept.made = box;
    if (result.state == State::Ready)
        kept.image = result.image;
    const bool hasFailed = result.state != State::Ready && result.state != State::Opening;
    kept.failure = hasFailed ? std::optional(result.state) : std::nullopt;
    letGo();
    Q_EMIT changed(blob);
    askWaiting();
}

/// Those that nobody has looked at for longest.
void PictureShelf::letGo()
{
    qsizetype bytes = 0;
    for (const auto &[blob, kept] : m_kept)
        bytes += kept.image.sizeInBytes();
    while (bytes > kKeptBytes && m_kept.size() > 1) {
        const auto oldest = std::ranges::min_element(
            m_kept, {}, [](const auto &entry) { return entry.second.used; });
        if (oldest->second.request != 0)
            return;
        bytes -= oldest->second.image.sizeInBytes();
        m_kept.erase(oldest);
    }
}

} // namespace nlbd::ui
