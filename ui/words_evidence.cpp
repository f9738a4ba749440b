#include "ui/words_evidence.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

/// Between two records of a fork: more than people who use one folder at two places need to meet.
constexpr Millis kLongApart{10 * 60'000};

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QString counted(qint64 count, const char *one, const char *many)
{
    return count == 1 ? tr(one) : tr(many).arg(QLocale().toString(count));
}

bool isMine(const api::EvidenceInfo &proof, const People &people)
{
    return std::ranges::any_of(people, [&proof](const api::Person &person) {
        return person.isMe && proof.accused == person.device;
    });
}

/// What both a copied folder and a changed program can do is put down to neither.
QString eitherWay(const QString &accused)
{
    return tr("A folder that is used at two places can do that, and so can a program that was "
              "changed on purpose; the records do not show which. Talk to %1: if it can't be "
              "explained, ask the others to remove %1.")
        .arg(accused);
}

} // namespace

QString span(Millis time)
{
    const qint64 seconds = time.count() / 1000;
    constexpr qint64 kMinute = 60;
    constexpr qint64 kHour = 60 * kMinute;
    constexpr qint64 kDay = 24 * kHour;
    if (seconds < 2 * kMinute)
        return counted(seconds, "1 second", "%1 seconds");
    if (seconds < 2 * kHour)
        return counted(seconds / kMinute, "1 minute", "%1 minutes");
    if (seconds < 2 * kDay)
        return counted(seconds / kHour, "1 hour", "%1 hours");
    return counted(seconds / kDay, "1 day", "%1 days");
}

QString proven(const api::EvidenceInfo &proof, const People &people)
{
    const QString head = tr("There is proof against %1's computer:")
                             .arg(nameOf(people, proof.accused).toHtmlEscaped());
    const QString what = whyRefused(proof.code);
    // Only what a forked device wrote carries a mark in the texts.
    const QString then = proof.code == Code::EV_FORK
        ? tr("What it wrote is marked. Nothing was lost.")
        : tr("Your texts are as they were. Nothing was lost.");
    return QStringLiteral("<b>%1</b> %2. %3").arg(head, what, then);
}

QString checkedIn(Code code)
{
    switch (code) {
    case Code::EV_INVALID:
        return tr("The signature, and the rule, as far as the record alone shows it");
    case Code::EV_CONFLICT_DECISION:
        return tr("That both decisions of one time carry enough good signatures");
    default:
        return tr("Both signatures, and that the two records exclude each other");
    }
}

QString forkReading(const std::optional<api::ForkFacts> &fork)
{
    if (!fork)
        return tr("A folder that was copied or put back does that, and so does somebody who tells "
                  "two stories on purpose: the records do not show which.");
    QString text = fork->isSameContent
        ? tr("The words in both are the same: nobody was told anything different by them. That "
             "looks like one change that was signed twice, after a crash or in a copy.")
        : fork->apart >= kLongApart
        ? tr("By its own clock %1 lie between the two. That looks like a folder that was copied "
             "or put back and used again; but a clock says what its owner wants, so it may have "
             "been done on purpose all the same.")
              .arg(span(fork->apart))
        : tr("By its own clock both were written within %1. A folder that is used at two places "
             "does that, and so does somebody who tells two stories on purpose: the records do "
             "not show which.")
              .arg(span(std::max(fork->apart, Millis(1000))));
    if (!fork->isSamePast)
        text += tr(" They go on from different changes, so the two stories began before these.");
    return text;
}

QString suggestion(const api::EvidenceInfo &proof, const People &people)
{
    const QString accused = nameOf(people, proof.accused);
    switch (proof.code) {
    case Code::EV_FORK:
        if (isMine(proof, people))
            return tr("This is your own computer, and the others' stop it by themselves. If its "
                      "folder was copied or restored, say so, and let it go on with a new key: "
                      "\"nlbd-peer devices renew\". %1")
                .arg(forkReading(proof.fork));
        return tr("The others' computers stop this one by themselves: that takes no vote. %1 Talk "
                  "to %2 before anything else.")
            .arg(forkReading(proof.fork), accused);
    case Code::EV_INVALID:
        return tr("What this computer wrote from there on is refused. A program of another "
                  "version or with a fault can do that, and so can one that was changed on "
                  "purpose. Talk to %1: if nobody can explain it, ask the others to remove %1.")
            .arg(accused);
    case Code::EV_DOUBLE_ACK:
        return tr("It signed that it holds two histories of which one excludes the other. %1")
            .arg(eitherWay(accused));
    case Code::EV_DOUBLE_VOTE:
        return tr("It gave two different answers in one round of a decision. %1")
            .arg(eitherWay(accused));
    case Code::EV_DOUBLE_CLOSE:
        return tr("Before a decision each computer reports once what it holds. This one reported "
                  "something, and signed what its report excludes. %1")
            .arg(eitherWay(accused));
    case Code::EV_AMNESIA:
        return tr("In a decision it had bound itself to one answer, and then signed for another "
                  "without the reason that this takes. %1")
            .arg(eitherWay(accused));
    case Code::EV_CONFLICT_DECISION:
        return tr("More members signed both than a group can bear. Nothing is decided here any "
                  "more, and writing goes on. Talk to each other; those who agree can begin a "
                  "workspace anew from what they hold.");
    default:
        return {};
    }
}

bool suggestsRemoval(Code code)
{
    switch (code) {
    case Code::EV_DOUBLE_ACK:
    case Code::EV_DOUBLE_VOTE:
    case Code::EV_DOUBLE_CLOSE:
    case Code::EV_AMNESIA:
    case Code::EV_INVALID:
        return true;
    default:
        return false;
    }
}

} // namespace nlbd::ui::words
