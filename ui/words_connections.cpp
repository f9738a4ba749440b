#include "ui/words_connections.h"

#include "ui/words.h"

#include <QCoreApplication>
#include <QLocale>

namespace nlbd::ui::words {

namespace {

using State = api::Connection::State;

QString tr(const char *text, int count = -1)
{
    return QCoreApplication::translate("words", text, nullptr, count);
}

QString ofThisComputer(Obstacle step, std::uint16_t port)
{
    if (step == Obstacle::NoInterface)
        return tr("This computer is on no network. Switch Wi-Fi on or put the cable in; the rest "
                  "follows by itself.");
    if (step == Obstacle::NoMulticast)
        return tr("Nothing that finds neighbours leaves this computer. Let the firewall pass No "
                  "Leader (\u201cufw allow nlbd\u201d, or \u201cfirewall-cmd --permanent "
                  "--add-service=nlbd\u201d), or send an invitation.");
    return port == 0
        ? tr("Another program uses our port, and nobody can reach you. Close that program, or "
             "start No Leader with another port.")
        : tr("Another program uses the usual port, so %1 is used. Others find it by themselves; a "
             "firewall or router that was opened by hand must pass that one.")
              .arg(port);
}

QString ofTheNetwork(Obstacle step)
{
    switch (step) {
    case Obstacle::NoAddress:
        return tr("Nobody told where that computer is, and it was not heard on this network. Start "
                  "No Leader there, or type its address below.");
    case Obstacle::BadAddress:
        return tr("That name is unknown, or that address cannot be used. Look how it is shown on "
                  "the other computer.");
    case Obstacle::NetworkDown:
        return tr("There is no way from here to that network. Join the network that the other one "
                  "is on.");
    case Obstacle::Unreachable:
        return tr(
            "The network says that it cannot be reached: it is off, or its firewall turns you "
            "away. There: \u201cufw allow nlbd\u201d, or \u201cfirewall-cmd --permanent "
            "--add-service=nlbd\u201d.");
    case Obstacle::Refused:
        return tr("That computer is on, but No Leader does not run there or uses another port. "
                  "Start it there, or look at its connections page for the port.");
    case Obstacle::TimedOut:
        return tr("No answer: it is off or elsewhere, or its firewall drops what is sent. There: "
                  "\u201cufw allow nlbd\u201d, or \u201cfirewall-cmd --permanent "
                  "--add-service=nlbd\u201d.");
    case Obstacle::Lost:
        return tr("The connection broke. It is made again as soon as the other can be reached.");
    default:
        return tr("No Leader was closed there, or ended the connection. There is nothing to do.");
    }
}

QString ofTheOther(Obstacle step)
{
    switch (step) {
    case Obstacle::NotOurs:
        return tr("Another program answers there. Look whether the port is right.");
    case Obstacle::WrongKey:
        return tr("Another computer answers at that address; addresses change. It was told "
                  "nothing. Ask for the address of today.");
    case Obstacle::WrongVersion:
        return tr(
            "It runs another version of No Leader. Your words are safe here. Update the older "
            "of the two.");
    case Obstacle::NotMember:
        return tr("That computer knows no workspace that you share. If you have just come in, it "
                  "has not heard so yet: wait until it has met another member.");
    case Obstacle::Removed:
        return tr("One of you is no longer a member, so nothing is sent any more. Decisions tell "
                  "when that was and who signed it.");
    case Obstacle::Clock:
        return tr("The clocks are far apart. Words are shared all the same, but times are shown "
                  "wrongly. Set the clock that is off.");
    case Obstacle::TooMany:
        return tr("It has as many connections as it takes. It is tried again by itself.");
    case Obstacle::TooFast:
        return tr("More was sent at once than is taken. It is tried again in a minute.");
    default:
        return tr("It sent what No Leader never sends, and was cut off. Nothing in your documents "
                  "changed. Look whether both programs are unaltered.");
    }
}

} // namespace

QString connectionName(const api::Connection &row)
{
    const QString name = row.name.empty() ? tr("Somebody") : QString::fromUtf8(row.name);
    return row.isMyself ? tr("%1 (another computer of yours)").arg(name) : name;
}

QString connectionState(const api::Connection &row)
{
    switch (row.state) {
    case State::Here:
        return row.failed ? obstacle(*row.failed) : tr("Connected");
    case State::Greeting:
        return tr("Answers");
    case State::Dialling:
        return tr("Being called");
    case State::Leaving:
        return tr("Leaving");
    case State::Away:
        break;
    }
    return row.failed ? obstacle(*row.failed) : tr("Called soon");
}

QString foundBy(FoundBy how)
{
    switch (how) {
    case FoundBy::Given:
        return tr("Named at the start");
    case FoundBy::Typed:
        return tr("Typed address");
    case FoundBy::Invitation:
        return tr("Invitation");
    case FoundBy::Beacon:
        return tr("Heard on this network");
    case FoundBy::LastAddress:
        return tr("Where it was last");
    case FoundBy::Member:
        return tr("Told by a member");
    case FoundBy::MappedPort:
        return tr("Its router passes on");
    case FoundBy::TheyCame:
        return tr("Came to us");
    }
    return {};
}

QString roundTrip(const std::optional<Millis> &time)
{
    if (!time)
        return {};
    return time->count() < 1 ? tr("under 1 ms") : tr("%1 ms").arg(time->count());
}

QString bytes(std::uint64_t count)
{
    return QLocale().formattedDataSize(static_cast<qint64>(count), 1,
                                       QLocale::DataSizeTraditionalFormat);
}

QString waiting(const api::Connection &row)
{
    const std::uint64_t all = row.own.bytes + row.live.bytes + row.bulk.bytes;
    return all == 0 ? QString() : bytes(all);
}

QString holds(const api::Connection &row)
{
    if (!row.behind)
        return {};
    if (*row.behind == 0)
        return tr("Has everything");
    return *row.behind == 1 ? tr("1 change behind") : tr("%1 changes behind").arg(*row.behind);
}

QString obstacle(Obstacle step)
{
    switch (step) {
    case Obstacle::NoInterface:
        return tr("No network");
    case Obstacle::NoMulticast:
        return tr("Neighbours are not found");
    case Obstacle::NoAddress:
        return tr("Not found yet");
    case Obstacle::BadAddress:
        return tr("Unknown address");
    case Obstacle::NetworkDown:
        return tr("No way there");
    case Obstacle::Unreachable:
        return tr("Cannot be reached");
    case Obstacle::Refused:
        return tr("Not running there");
    case Obstacle::TimedOut:
        return tr("No answer");
    case Obstacle::NotOurs:
        return tr("Another program answers");
    case Obstacle::WrongKey:
        return tr("Another computer answers");
    case Obstacle::WrongVersion:
        return tr("Another version");
    case Obstacle::NotMember:
        return tr("Nothing shared");
    case Obstacle::Removed:
        return tr("No longer a member");
    case Obstacle::Clock:
        return tr("Clock is off");
    case Obstacle::TooMany:
        return tr("Too many connections");
    case Obstacle::TooFast:
        return tr("Sent too much");
    case Obstacle::Malformed:
        return tr("Broke the rules");
    case Obstacle::Lost:
        return tr("Connection broke");
    case Obstacle::Closed:
        return tr("Closed there");
    case Obstacle::PortTaken:
        return tr("Port in use");
    }
    return {};
}

QString remedy(Obstacle step, std::uint16_t port)
{
    switch (step) {
    case Obstacle::NoInterface:
    case Obstacle::NoMulticast:
    case Obstacle::PortTaken:
        return ofThisComputer(step, port);
    case Obstacle::NoAddress:
    case Obstacle::BadAddress:
    case Obstacle::NetworkDown:
    case Obstacle::Unreachable:
    case Obstacle::Refused:
    case Obstacle::TimedOut:
    case Obstacle::Lost:
    case Obstacle::Closed:
        return ofTheNetwork(step);
    case Obstacle::NotOurs:
    case Obstacle::WrongKey:
    case Obstacle::WrongVersion:
    case Obstacle::NotMember:
    case Obstacle::Removed:
    case Obstacle::Clock:
    case Obstacle::TooMany:
    case Obstacle::TooFast:
    case Obstacle::Malformed:
        return ofTheOther(step);
    }
    return {};
}

QString connectionDetail(const api::Connection &row)
{
    QStringList parts;
    if (row.failed)
        parts << remedy(*row.failed);
    if (row.nextTryIn)
        parts << tr("It is called again in %1 s.").arg((row.nextTryIn->count() + 999) / 1000);
    if (row.state == State::Away || row.state == State::Dialling) {
        if (row.foundBy)
            parts << tr("Address: %1.").arg(foundBy(*row.foundBy).toLower());
        return parts.join(QLatin1Char(' '));
    }
    if (row.isDialled && row.foundBy)
        parts << tr("We called it. Address: %1.").arg(foundBy(*row.foundBy).toLower());
    else
        parts << tr("It called us.");
    if (row.since)
        parts << tr("Connected since %1.").arg(whenExactly(*row.since));
    if (row.roundTrip)
        parts << tr("An answer takes %1, of late %2.")
                     .arg(roundTrip(row.roundTrip), roundTrip(row.roundTripSmoothed));
    if (const QString queue = waiting(row); !queue.isEmpty())
        parts << tr("%1 of what is typed and %2 of older work wait to be sent.")
                     .arg(bytes(row.live.bytes + row.own.bytes), bytes(row.bulk.bytes));
    if (row.files > 0)
        parts << (row.filesHeld == row.files ? tr("It has all files that are attached.")
                                             : tr("It has %1 of %2 files that are attached.")
                                                   .arg(row.filesHeld)
                                                   .arg(row.files));
    QStringList rooms;
    for (const std::string &room : row.workspaces)
        rooms << QString::fromUtf8(room);
    if (!rooms.isEmpty())
        parts << tr("Shared: %1.").arg(rooms.join(QStringLiteral(", ")));
    return parts.join(QLatin1Char(' '));
}

QString connectionSummary(const api::ConnectionsChanged &all)
{
    std::size_t here = 0;
    for (const api::Connection &row : all.others)
        here += row.state == State::Here ? 1 : 0;
    const std::size_t away = all.others.size() - here;
    if (all.port == 0)
        return tr("Nothing is connected: this computer does not listen yet. It does once you share "
                  "a workspace, invite somebody or let people nearby see you.");
    const QString first =
        here == 1 ? tr("1 computer is connected.") : tr("%1 computers are connected.").arg(here);
    const QString second = away == 0 ? QString()
        : away == 1                  ? tr(" 1 is not.")
                                     : tr(" %1 are not.").arg(away);
    return first + second
        + tr(" %1 came in and %2 went out since the start.")
              .arg(bytes(all.bytesIn), bytes(all.bytesOut));
}

QString visitors(const api::ConnectionsChanged &all)
{
    constexpr qsizetype kShown = 3;
    QStringList rows;
    for (const api::Visitor &visitor : all.visitors) {
        if (rows.size() >= kShown)
            break;
        const QString who = visitor.name.empty()
            ? QString::fromUtf8(visitor.host)
            : tr("%1 (%2)").arg(QString::fromUtf8(visitor.name), QString::fromUtf8(visitor.host));
        rows << tr("%1: %2").arg(who, obstacle(visitor.step).toLower());
    }
    std::uint64_t strangers = 0;
    for (const auto &[code, count] : all.refused)
        strangers += count;
    QStringList parts;
    if (!rows.isEmpty())
        parts << tr("Turned away: %1.").arg(rows.join(QStringLiteral("; ")));
    if (strangers == 1)
        parts << tr("1 connection came that no member makes. Your words are safe.");
    else if (strangers > 1)
        parts
            << tr("%1 connections came that no member makes. Your words are safe.").arg(strangers);
    return parts.isEmpty() ? tr("Nobody was turned away.") : parts.join(QLatin1Char(' '));
}

QString router(const api::RouterAnswer &answer)
{
    using Router = api::RouterAnswer::State;
    const QString byHand = tr(" Others elsewhere do not reach this computer, but it reaches them. "
                              "Let the router pass the port on by hand.");
    if (!answer.isWanted)
        return tr("Off. The router is asked nothing.");
    switch (answer.state) {
    case Router::Off:
    case Router::Asking:
        return tr("The router is being asked\u2026");
    case Router::Mapped:
        return tr("Members elsewhere reach this computer at %1. The router holds that for %2 "
                  "minutes, and is asked again before.")
            .arg(QString::fromUtf8(answer.outside))
            .arg((answer.lifetime.count() + 59) / 60);
    case Router::NoRouter:
        return tr("There is no router to ask: this network leads nowhere else.");
    case Router::NoAnswer:
        return tr("The router does not answer: it does not know NAT-PMP, or that is switched off.")
            + byHand;
    case Router::Refused:
        return tr("The router refuses.") + byHand;
    case Router::BehindAnother:
        return tr("The router has no public address itself: another one stands behind it.")
            + byHand;
    }
    return {};
}

QString reach(const api::ReachChanged &news)
{
    using Reach = api::ReachChanged::State;
    const QString address = QString::fromUtf8(news.address);
    switch (news.state) {
    case Reach::Trying:
        return tr("Calling %1\u2026").arg(address);
    case Reach::StillTrying:
        return tr("Still trying %1. No answer yet.").arg(address);
    case Reach::Answered:
        return tr("%1 answered.").arg(address);
    case Reach::Failed:
        break;
    }
    const Obstacle step = news.step.value_or(Obstacle::TimedOut);
    return tr("%1: %2. %3").arg(address, obstacle(step).toLower(), remedy(step));
}

} // namespace nlbd::ui::words
