#pragma once

#include "core/api/attachments.h"

#include <QBuffer>
#include <QImage>

/// Pictures that tests attach, and what an engine says of them.
namespace nlbd::testing {

inline QImage stripes(QSize size)
{
    QImage image(size, QImage::Format_RGB32);
    for (int y = 0; y < size.height(); ++y)
        for (int x = 0; x < size.width(); ++x)
            image.setPixelColor(x, y,
                                x < size.width() / 2 ? QColor(200, 30, 30) : QColor(30, 30, 200));
    return image;
}

inline QByteArray encoded(const QImage &image, const char *format = "PNG")
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, format);
    return bytes;
}

inline Bytes asBytes(const QByteArray &bytes)
{
    const auto *data = reinterpret_cast<const std::byte *>(bytes.data());
    return {data, data + bytes.size()};
}

inline Hash blobOf(std::uint8_t number)
{
    Hash blob;
    blob.value.fill(std::byte{number});
    return blob;
}

inline api::AttachmentInfo infoOf(DocIndex doc, const Hash &blob, const char *name,
                                  api::AttachmentInfo::State state)
{
    api::AttachmentInfo info;
    info.doc = doc;
    info.blob = blob;
    info.name = name;
    info.mediaType = "image/png";
    info.size = 4'000;
    info.state = state;
    return info;
}

} // namespace nlbd::testing
