#include "ui/words_reader.h"

#include <QCoreApplication>
#include <QLocale>

namespace nlbd::ui::words {

namespace {

constexpr qsizetype kSharesMax = 4; ///< people that are named in one announcement

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QString counted(qsizetype words)
{
    return words == 1 ? tr("1 word") : tr("%1 words").arg(QLocale().toString(words));
}

QString whereOf(News::Where where)
{
    switch (where) {
    case News::Where::Here:
        return tr("in this paragraph");
    case News::Where::Above:
        return tr("further up");
    case News::Where::Below:
        return tr("further down");
    case News::Where::Several:
        return tr("in several places");
    }
    return {};
}

QString listed(const QStringList &names)
{
    if (names.size() < 2)
        return names.join(QString());
    return tr("%1 and %2").arg(names.mid(0, names.size() - 1).join(tr(", ")), names.back());
}

QString sentence(QString text)
{
    if (!text.isEmpty())
        text.front() = text.front().toUpper();
    return text;
}

} // namespace

QString block(const BlockStyle &style, int number)
{
    using Kind = BlockStyle::Kind;
    const auto item = [&style](const QString &text) {
        return style.indent > 0 ? tr("%1, level %2").arg(text).arg(style.indent + 1) : text;
    };
    switch (style.kind) {
    case Kind::Paragraph:
        return tr("Paragraph");
    case Kind::Title:
        return tr("Title");
    case Kind::Heading1:
        return tr("Heading level 1");
    case Kind::Heading2:
        return tr("Heading level 2");
    case Kind::Heading3:
        return tr("Heading level 3");
    case Kind::Bullet:
        return item(tr("List item"));
    case Kind::Number:
        return item(number > 0 ? tr("List item %1").arg(number) : tr("Numbered list item"));
    case Kind::Task:
        return item(style.isDone ? tr("Task, done") : tr("Task, not done"));
    case Kind::Quote:
        return tr("Quote");
    case Kind::Code:
        return tr("Code");
    case Kind::Divider:
        return tr("Line across the page");
    }
    return tr("Paragraph");
}

QString agreement(api::Agreement state)
{
    switch (state) {
    case api::Agreement::Agreed:
        return tr("agreed");
    case api::Agreement::Pencil:
        return tr("in pencil");
    case api::Agreement::Unsent:
        return tr("just typed");
    case api::Agreement::Disputed:
        return tr("disputed");
    }
    return {};
}

QString formats(const Attributes &marks)
{
    QStringList all;
    if (marks.contains(kBold))
        all.append(tr("bold"));
    if (marks.contains(kItalic))
        all.append(tr("italic"));
    if (marks.contains(kStrike))
        all.append(tr("struck through"));
    if (marks.contains(kCode))
        all.append(tr("code"));
    if (const auto link = marks.find(kLink); link != marks.end())
        all.append(tr("a link to %1").arg(QString::fromStdString(link->second).simplified()));
    return sentence(all.join(tr(", ")));
}

QString whereIAm(const Place &place)
{
    QStringList sentences;
    for (const QString &part : {place.block, place.formats, place.wrote})
        if (!part.isEmpty())
            sentences.append(part);
    if (place.here.size() == 1)
        sentences.append(tr("%1 is in this paragraph").arg(place.here.front()));
    else if (!place.here.isEmpty())
        sentences.append(tr("%1 are in this paragraph").arg(listed(place.here)));
    return sentences.join(tr(". "));
}

QString news(const News &news)
{
    QStringList sentences;
    for (const News::Share &share : news.shares) {
        if (sentences.size() == kSharesMax) {
            sentences.append(tr("And others"));
            break;
        }
        QString told = tr("%1 wrote %2 %3")
                           .arg(share.name.isEmpty() ? tr("Others") : share.name,
                                counted(share.words), whereOf(share.where));
        if (!share.text.isEmpty())
            told = tr("%1: %2").arg(told, share.text);
        sentences.append(told);
    }
    if (news.removed == 1)
        sentences.append(tr("1 word was taken away"));
    else if (news.removed > 1)
        sentences.append(tr("%1 were taken away").arg(counted(news.removed)));
    if (sentences.isEmpty())
        return tr("Nobody else has written here since you asked last");
    return sentences.join(tr(". "));
}

} // namespace nlbd::ui::words
