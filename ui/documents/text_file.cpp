#include "ui/documents/text_file.h"

#include "core/base/utf8.h"
#include "ui/background.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QStringDecoder>

#include <algorithm>
#include <limits>
#include <utility>

namespace nlbd::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("TextFile", text);
}

TextFile refusal(const QString &name, const QString &why)
{
    return {{},
            {},
            QStringLiteral("<b>%1</b> %2")
                .arg(tr("%1 was not imported.").arg(name.toHtmlEscaped()), why)};
}

QString writeAll(const QString &path, const QList<QByteArray> &parts)
{
    QSaveFile file(path);
    bool isWritten = file.open(QIODevice::WriteOnly);
    for (const QByteArray &part : parts)
        isWritten = isWritten && file.write(part) == part.size();
    if (isWritten && file.commit())
        return {};
    return QStringLiteral("<b>%1</b> %2")
        .arg(tr("%1 was not written.").arg(QFileInfo(path).fileName().toHtmlEscaped()),
             tr("Your text is safe here. Choose another place and try again. (%1)")
                 .arg(file.errorString().toHtmlEscaped()));
}

bool isUtf16(const QByteArray &bytes)
{
    return bytes.startsWith("\xFF\xFE") || bytes.startsWith("\xFE\xFF");
}

} // namespace

bool hasLongLine(QByteArrayView text)
{
    for (qsizetype from = 0; from < text.size();) {
        const qsizetype found = text.indexOf('\n', from);
        const qsizetype end = found < 0 ? text.size() : found;
        if (end - from > kLineUnitsMax)
            return true;
        from = end + 1;
    }
    return false;
}

TextFile textFrom(const QString &path, const QByteArray &bytes)
{
    const QFileInfo info(path);
    QByteArray content = bytes;
    if (isUtf16(bytes)) {
        QStringDecoder decoder(QStringConverter::Utf16);
        const QString text = decoder(bytes);
        if (decoder.hasError())
            return refusal(info.fileName(), tr("It is not text. Nothing was changed."));
        content = text.toUtf8();
    } else if (content.startsWith("\xEF\xBB\xBF")) {
        content.remove(0, 3);
    }
    if (content.contains('\0')
        || !utf8::isValid({content.constData(), std::size_t(content.size())}))
        return refusal(info.fileName(),
                       tr("It is not text. Nothing was changed. Save it as UTF-8 text "
                          "and try again."));
    content.replace("\r\n", "\n");
    content.replace('\r', '\n');
    if (hasLongLine(content))
        return refusal(info.fileName(),
                       tr("It has a line of more than 200,000 letters, in which typing would "
                          "stutter. Nothing was changed. Break it into shorter lines."));
    return {info.completeBaseName(), content.toStdString(), {}};
}

void readTextFile(const QString &path, QObject *context, std::function<void(TextFile)> done)
{
    const auto work = [path]() -> TextFile {
        QFile file(path);
        const QString name = QFileInfo(path).fileName();
        if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly))
            return refusal(name,
                           tr("It cannot be read. Nothing was changed. (%1)")
                               .arg(file.errorString().toHtmlEscaped()));
        // A device or a file that grows tells no honest size: read to the limit and one more.
        const QByteArray bytes = file.read(kImportBytesMax + 1);
        if (bytes.size() > kImportBytesMax)
            return refusal(name,
                           tr("It has more than 10 MB. Nothing was changed. Cut it into parts and "
                              "import those."));
        return textFrom(path, bytes);
    };
    runInBackground(context, work, std::move(done));
}

void writeTextFile(const QString &path, const QStringList &pieces, QObject *context,
                   std::function<void(QString)> done)
{
    const auto work = [path, pieces] {
        QList<QByteArray> parts;
        for (const QString &piece : pieces)
            parts.append(piece.toUtf8());
        return writeAll(path, parts);
    };
    runInBackground(context, work, std::move(done));
}

void writeMarkdownFile(const QString &path, const QStringList &pieces, const PageLooks &looks,
                       const MarkdownPictures &pictures, QObject *context,
                       std::function<void(QString)> done)
{
    if (looks.isPlain()) {
        writeTextFile(path, pieces, context, std::move(done));
        return;
    }
    const auto work = [path, pieces, looks, pictures] {
        const QString text = pieces.join(QString());
        return writeAll(path, {toMarkdown(text, looks, FirstLine::AsTitle, pictures).toUtf8()});
    };
    runInBackground(context, work, std::move(done));
}

void writeBytes(const QString &path, const QByteArray &bytes, QObject *context,
                std::function<void(QString)> done)
{
    runInBackground(
        context, [path, bytes] { return writeAll(path, {bytes}); }, std::move(done));
}

void countWords(const QStringList &pieces, QObject *context, std::function<void(TextSize)> done)
{
    countWordsBetween(pieces, 0, std::numeric_limits<qsizetype>::max(), context, std::move(done));
}

void countWordsBetween(const QStringList &pieces, qsizetype from, qsizetype to, QObject *context,
                       std::function<void(TextSize)> done)
{
    const auto work = [pieces, from, to] {
        TextSize size;
        bool isInWord = false;
        qsizetype at = 0; // where a piece begins
        for (const QString &piece : pieces) {
            const qsizetype first = std::clamp<qsizetype>(from - at, 0, piece.size());
            const qsizetype end = std::clamp<qsizetype>(to - at, first, piece.size());
            for (const QChar unit : QStringView(piece).mid(first, end - first)) {
                const bool isWord = unit.isLetterOrNumber() || unit.isMark() || unit.isSurrogate()
                    || (isInWord && (unit == u'\'' || unit == QChar(0x2019)));
                size.words += isWord && !isInWord ? 1 : 0;
                const bool isLetter =
                    unit.isHighSurrogate() || (!unit.isSpace() && !unit.isMark() && unit.isPrint());
                size.letters += isLetter ? 1 : 0;
                isInWord = isWord;
            }
            at += piece.size();
        }
        return size;
    };
    runInBackground(context, work, std::move(done));
}

} // namespace nlbd::ui
