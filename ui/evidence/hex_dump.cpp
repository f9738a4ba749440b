#include "ui/evidence/hex_dump.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr std::size_t kWidth = 16;

void appendHex(QString &text, std::size_t value, int digits)
{
    static const char *const kDigits = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
        text += QChar::fromLatin1(kDigits[(value >> shift) & 0xFU]);
}

} // namespace

QString hexDump(ByteView bytes)
{
    const ByteView shown = bytes.first(std::min(bytes.size(), kDumpBytesMax));
    QString result;
    result.reserve(static_cast<qsizetype>(shown.size() * 5));
    for (std::size_t line = 0; line < shown.size(); line += kWidth) {
        if (line > 0)
            result += QChar(u'\n');
        appendHex(result, line, 6);
        result += QStringLiteral("  ");
        QString letters;
        for (std::size_t i = line; i < line + kWidth; ++i) {
            if (i >= shown.size()) {
                result += QStringLiteral("   ");
                continue;
            }
            const auto value = static_cast<unsigned>(shown[i]);
            appendHex(result, value, 2);
            result += QChar(u' ');
            letters += value >= 0x20 && value < 0x7F ? QChar(value) : QChar(u'\u00B7');
        }
        result += QChar(u' ') + letters;
    }
    if (shown.size() < bytes.size())
        result += QCoreApplication::translate("EvidenceWindow", "\n\u2026 and %1 bytes more")
                      .arg(QLocale().toString(qulonglong(bytes.size() - shown.size())));
    return result;
}

} // namespace nlbd::ui
