#include "ui/code/code_shift.h"

#include "ui/code/code_language.h"

#include <QPlainTextEdit>
#include <QTextBlock>

#include <algorithm>

namespace nlbd::ui {

namespace {

void shiftIn(QTextCursor &cursor, const QTextBlock &line)
{
    const bool hasTabs = line.text().startsWith(u'\t');
    cursor.setPosition(line.position());
    cursor.insertText(hasTabs ? QStringLiteral("\t") : QString(kCodeShift, QChar(u' ')));
}

void shiftOut(QTextCursor &cursor, const QTextBlock &line)
{
    const QString shift = shiftOf(line.text());
    if (shift.isEmpty())
        return;
    int count = 1;
    if (shift[0] != u'\t')
        while (count < kCodeShift && count < shift.size() && shift[count] == u' ')
            ++count;
    cursor.setPosition(line.position());
    cursor.setPosition(line.position() + count, QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
}

} // namespace

QString shiftOf(const QString &line)
{
    const auto *end =
        std::ranges::find_if(line, [](QChar unit) { return unit != u' ' && unit != u'\t'; });
    return line.left(end - line.begin());
}

void shiftCode(QPlainTextEdit &page, const std::vector<QTextBlock> &lines, int by)
{
    QTextCursor cursor = page.textCursor();
    if (by > 0 && !cursor.hasSelection()) {
        const bool hasTabs = cursor.block().text().startsWith(u'\t');
        const int blanks = kCodeShift - cursor.positionInBlock() % kCodeShift;
        page.insertPlainText(hasTabs ? QStringLiteral("\t") : QString(blanks, QChar(u' ')));
        return;
    }
    QTextCursor each(page.document());
    for (const QTextBlock &line : lines) {
        if (by < 0)
            shiftOut(each, line);
        else if (line.length() > 1)
            shiftIn(each, line);
    }
}

std::optional<std::string> languageTyped(const QString &line)
{
    if (!line.startsWith(QLatin1String("```")))
        return std::nullopt;
    const std::string name = line.mid(3).trimmed().toStdString();
    if (!name.empty() && !isLanguageId(name))
        return std::nullopt;
    const CodeLanguage *known = languageCalled(name);
    return known ? std::string(known->id) : name;
}

} // namespace nlbd::ui
