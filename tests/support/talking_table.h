#pragma once

#include "tests/support/asking_table.h"

#include <QString>
#include <QStringList>

namespace nlbd::testing {

/// People at one document who speak about it.
struct TalkingTable : AskingTable {
    using Result = api::CommentWritten::Result;
    using AskingTable::AskingTable;

    /// As one delivers a command and its answer.
    Result say(std::size_t i, api::Command command)
    {
        written = {};
        views[i].outbox.push_back(std::move(command));
        send(i);
        take(i);
        return written.result;
    }
    Result start(std::size_t i, TextOffset from, TextOffset to, std::string text,
                 std::vector<api::Mention> named = {})
    {
        return say(i,
                   api::StartThread{++requests,
                                    views[i].passage(from, to),
                                    {std::move(text), std::move(named)}});
    }
    Result answer(std::size_t i, api::CommentId thread, std::string text)
    {
        return say(i, api::AnswerThread{++requests, doc, thread, {std::move(text), {}}});
    }
    Result edit(std::size_t i, api::CommentId thread, api::CommentId message, std::string text)
    {
        return say(i, api::EditComment{++requests, doc, thread, message, {std::move(text), {}}});
    }
    Result remove(std::size_t i, api::CommentId thread, api::CommentId message)
    {
        return say(i, api::DeleteComment{++requests, doc, thread, message});
    }
    Result resolve(std::size_t i, api::CommentId thread, bool isResolved = true)
    {
        return say(i, api::ResolveThread{++requests, doc, thread, isResolved});
    }

    /// What is told to a view that opens now.
    const api::CommentsChanged &anew(std::size_t i)
    {
        settle();
        comments[i] = {};
        open(i);
        send(i);
        group.run(std::chrono::milliseconds(200));
        take(i);
        return comments[i];
    }
    const api::CommentThread &thread(std::size_t i, std::size_t number = 0)
    {
        return *comments.at(i).threads.at(number).thread;
    }
    /// Each message as its writer and text, in order.
    QString spoken(std::size_t i, std::size_t number = 0)
    {
        QStringList result;
        for (const api::Comment &comment : thread(i, number).messages)
            result.append(QString::number(comment.id.member.value) + QChar(u':')
                          + QString::fromStdString(comment.words.text));
        return result.join(QChar(u' '));
    }
    QString placed(std::size_t i, std::size_t number = 0)
    {
        const api::PlacedThread &it = comments.at(i).threads.at(number);
        return QString::fromStdString(
            std::string(utf8::slice(*group.at(i).text(doc), it.from, it.to - it.from)));
    }
};

/// Everything that views are told but for who has signed, as one text.
inline QString told(const api::CommentsChanged &event)
{
    QString all;
    for (const api::PlacedThread &placed : event.threads) {
        const api::CommentThread &thread = *placed.thread;
        all += QStringLiteral("[%1 %2 %3 '%4' %5 ")
                   .arg(placed.from)
                   .arg(placed.to)
                   .arg(thread.id.number)
                   .arg(QString::fromStdString(thread.quote))
                   .arg(thread.isResolved);
        for (const api::Comment &it : thread.messages)
            all += QStringLiteral("%1/%2 %3 '%4' ")
                       .arg(it.id.member.value)
                       .arg(it.id.number)
                       .arg(it.device.value)
                       .arg(QString::fromStdString(it.words.text));
        all += QChar(u']');
    }
    return all;
}

} // namespace nlbd::testing
