#include "ui/words_comments.h"

#include <QCoreApplication>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

} // namespace

QString memberName(const People &people, MemberIndex member)
{
    const auto it = std::ranges::find(people, member, &api::Person::member);
    return it == people.end() ? tr("someone unknown") : QString::fromUtf8(it->name).simplified();
}

QString commentMoment(const api::Comment &comment, std::uint16_t seats, const QDateTime &now)
{
    QString text = when(comment.when, now);
    if (comment.edited)
        text += tr(", edited %1").arg(when(*comment.edited, now));
    if (comment.state == api::Agreement::Disputed)
        text += tr(", disputed");
    else if (comment.state != api::Agreement::Agreed && seats > 1)
        text += tr(", in pencil");
    return text;
}

QString quoted(const std::string &quote)
{
    QString words = QString::fromUtf8(quote).simplified();
    return words.isEmpty() ? tr("an empty place") : tr("\u201c%1\u201d").arg(words);
}

QString resolvedBy(const api::CommentThread &thread, const People &people, const QDateTime &now)
{
    if (!thread.isResolved || !thread.resolvedBy || !thread.resolvedAt)
        return {};
    return tr("Resolved by %1, %2")
        .arg(memberName(people, *thread.resolvedBy), when(*thread.resolvedAt, now));
}

QString threadAloud(const api::CommentThread &thread, bool isGone, const People &people)
{
    const api::Comment &first = thread.messages.front();
    QString text =
        tr("Comment of %1 on %2").arg(memberName(people, first.id.member), quoted(thread.quote));
    if (isGone)
        text += tr(", which are gone");
    if (thread.isResolved)
        text += tr(", resolved");
    text += QStringLiteral(": ") + QString::fromUtf8(first.words.text).simplified();
    const auto answers = static_cast<qsizetype>(thread.messages.size()) - 1;
    if (answers > 0)
        text += answers == 1 ? tr(". 1 answer") : tr(". %1 answers").arg(answers);
    return text;
}

QString whyNotWritten(api::CommentWritten::Result result)
{
    using Result = api::CommentWritten::Result;
    switch (result) {
    case Result::Done:
        return {};
    case Result::MayNotWrite:
        return tr("This computer can't write now. Your words are kept here.");
    case Result::NoWords:
        return tr("There are no words at that place any more. Select others and try again.");
    case Result::Lost:
        return tr("The page changed just then. Your words are kept here: try again.");
    case Result::NotValid:
        return tr("This is empty or too long to be sent: at most 3,000 bytes.");
    case Result::TooMany:
        return tr("There are too many comments here already. Resolve or delete some.");
    case Result::Unknown:
        return tr("This comment is not there any more. Your words are kept here.");
    case Result::NotMine:
        return tr("Only who wrote a message can change it.");
    }
    return {};
}

QString mentionedMe(const QString &name, const QString &title, std::size_t count)
{
    const QString who = name.toHtmlEscaped();
    const QString where = title.toHtmlEscaped();
    if (count == 1)
        return tr("<b>%1 mentioned you</b> in %2.").arg(who, where);
    return tr("<b>%1 mentioned you</b> in %2. %3 mentions are unread.").arg(who, where).arg(count);
}

} // namespace nlbd::ui::words
