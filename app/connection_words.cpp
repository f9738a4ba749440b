#include "app/connection_words.h"

#include "app/verb_parts.h"

namespace nlbd::app {

using Json = nlohmann::json;
using State = api::Connection::State;

namespace {

std::string ofThisComputer(Obstacle step)
{
    if (step == Obstacle::NoInterface)
        return "This computer is on no network. Switch Wi-Fi on or put the cable in; the rest "
               "follows by itself.";
    if (step == Obstacle::NoMulticast)
        return "No beacon leaves this computer, so neighbours are not found by themselves. Let the "
               "firewall pass UDP and TCP ports 47474 to 47494 (\"ufw allow nlbd\", or "
               "\"firewall-cmd --permanent --add-service=nlbd\"), or use an invitation.";
    return "Another program listens at the usual port, so another one is used. Others find it by "
           "themselves; a firewall or router that was opened for one port must pass the one in "
           "use.";
}

std::string ofTheNetwork(Obstacle step)
{
    switch (step) {
    case Obstacle::NoAddress:
        return "Nobody told where it is, and it was not heard on this network. Start No Leader "
               "there, or type its address.";
    case Obstacle::BadAddress:
        return "That name is unknown, or that address cannot be used. Look whether it is typed as "
               "it is shown there.";
    case Obstacle::NetworkDown:
        return "There is no way from here to that network. Join the network that the other is on.";
    case Obstacle::Unreachable:
        return "The network says that it cannot be reached: it is off, or a firewall there turns "
               "you away (\"ufw allow nlbd\", or \"firewall-cmd --permanent --add-service=nlbd\", "
               "on that computer).";
    case Obstacle::Refused:
        return "That computer is on, but No Leader does not run there, or listens at another port.";
    case Obstacle::TimedOut:
        return "No answer: it is off or elsewhere, or a firewall drops what is sent to it "
               "(\"ufw allow nlbd\", or \"firewall-cmd --permanent --add-service=nlbd\", on that "
               "computer).";
    case Obstacle::Lost:
        return "The connection broke. It is made again as soon as the other can be reached.";
    default:
        return "The other program was ended or closed the connection. Nothing is wrong.";
    }
}

std::string ofTheOther(Obstacle step)
{
    switch (step) {
    case Obstacle::NotOurs:
        return "Another program answers there, not No Leader. Look whether the port is right.";
    case Obstacle::WrongKey:
        return "Another computer answers there than the one that is looked for: addresses change. "
               "It was told nothing. Ask for the address of today.";
    case Obstacle::WrongVersion:
        return "It runs another version of No Leader. Install the same version on both computers.";
    case Obstacle::NotMember:
        return "You have no workspace in common, as that computer sees it. If that is news to you, "
               "wait until one of you has met the other members.";
    case Obstacle::Removed:
        return "The members have let one of you go, so nothing is sent any more. \"members\" and "
               "\"decisions\" tell who decided that.";
    case Obstacle::Clock:
        return "The clocks of the two computers are far apart. Texts are shared all the same; set "
               "the clock that is wrong, or times will be shown wrongly.";
    case Obstacle::TooMany:
        return "It has as many connections as it takes. It is tried again.";
    case Obstacle::TooFast:
        return "More was sent at once than is taken. It is tried again in a minute.";
    default:
        return "It sent what no correct program sends, and was cut off. Nothing in your documents "
               "changed. Look whether both run an unaltered No Leader.";
    }
}

} // namespace

std::string sentenceOf(Obstacle step)
{
    switch (step) {
    case Obstacle::NoInterface:
    case Obstacle::NoMulticast:
    case Obstacle::PortTaken:
        return ofThisComputer(step);
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

// ---- JSON ---------------------------------------------------------------------------------------

namespace {

const char *nameOf(State state)
{
    switch (state) {
    case State::Away:
        return "away";
    case State::Dialling:
        return "dialling";
    case State::Greeting:
        return "greeting";
    case State::Here:
        return "here";
    case State::Leaving:
        return "leaving";
    }
    return "away";
}

const char *nameOf(api::RouterAnswer::State state)
{
    using Router = api::RouterAnswer::State;
    switch (state) {
    case Router::Off:
        return "off";
    case Router::Asking:
        return "asking";
    case Router::Mapped:
        return "mapped";
    case Router::NoRouter:
        return "no-router";
    case Router::NoAnswer:
        return "no-answer";
    case Router::Refused:
        return "refused";
    case Router::BehindAnother:
        return "behind-another";
    }
    return "off";
}

Json jsonOf(const api::Connection::Queue &queue)
{
    return {{"frames", queue.frames}, {"bytes", queue.bytes}};
}

Json jsonOf(const api::Connection &row)
{
    Json json{{"device", row.device.hex()}, {"name", row.name},
              {"myself", row.isMyself},     {"workspaces", row.workspaces},
              {"state", nameOf(row.state)}, {"address", row.address},
              {"failures", row.failures}};
    if (row.foundBy)
        json["foundBy"] = nlbd::nameOf(*row.foundBy);
    if (row.behind)
        json["behind"] = *row.behind;
    json["files"] = row.files;
    json["filesHeld"] = row.filesHeld;
    if (row.failed)
        json["failed"] = nlbd::nameOf(*row.failed);
    if (row.failedAt)
        json["failedAt"] = timeText(*row.failedAt);
    if (row.nextTryIn)
        json["nextTryMs"] = row.nextTryIn->count();
    if (row.clockAhead)
        json["clockAheadMs"] = row.clockAhead->count();
    if (row.state == State::Away || row.state == State::Dialling)
        return json;
    json["direction"] = row.isDialled ? "out" : "in";
    json["queue"] = {
        {"own", jsonOf(row.own)}, {"live", jsonOf(row.live)}, {"bulk", jsonOf(row.bulk)}};
    json["bytesIn"] = row.bytesIn;
    json["bytesOut"] = row.bytesOut;
    json["framesIn"] = row.framesIn;
    json["framesOut"] = row.framesOut;
    if (row.since)
        json["since"] = timeText(*row.since);
    if (row.roundTrip) {
        json["roundTripMs"] = row.roundTrip->count();
        json["roundTripSmoothedMs"] = row.roundTripSmoothed->count();
    }
    return json;
}

} // namespace

Json jsonOf(const api::ConnectionsChanged &all)
{
    Json json{{"port", all.port},           {"wishedPort", all.wishedPort},
              {"addresses", all.addresses}, {"sessionsSeen", all.sessions},
              {"bytesIn", all.bytesIn},     {"bytesOut", all.bytesOut},
              {"framesIn", all.framesIn},   {"framesOut", all.framesOut}};
    json["here"] = Json::array();
    for (const Obstacle step : all.here)
        json["here"].push_back(nlbd::nameOf(step));
    json["peers"] = Json::array();
    for (const api::Connection &row : all.others)
        json["peers"].push_back(jsonOf(row));
    json["visitors"] = Json::array();
    for (const api::Visitor &visitor : all.visitors)
        json["visitors"].push_back({{"name", visitor.name},
                                    {"host", visitor.host},
                                    {"failed", nlbd::nameOf(visitor.step)},
                                    {"count", visitor.count},
                                    {"last", timeText(visitor.last)}});
    json["beacons"] = {{"on", all.looksAround}, {"heard", all.beaconsHeard}};
    if (all.beaconHeardAt)
        json["beacons"]["last"] = timeText(*all.beaconHeardAt);
    json["router"] = {{"wanted", all.router.isWanted}, {"state", nameOf(all.router.state)}};
    if (all.router.state == api::RouterAnswer::State::Mapped) {
        json["router"]["outside"] = all.router.outside;
        json["router"]["lifetimeSeconds"] = all.router.lifetime.count();
    }
    return json;
}

// ---- For terminals ------------------------------------------------------------------------------

namespace {

std::string whoIs(const api::Connection &row)
{
    const std::string name = row.name.empty() ? "Somebody" : plainLine(row.name);
    return row.isMyself ? name + " (another computer of yours)" : name;
}

std::string sayHere(const api::Connection &row)
{
    std::string say =
        whoIs(row) + " is connected: " + (row.isDialled ? "to " : "from ") + plainLine(row.address);
    if (row.foundBy && row.isDialled)
        say += " (" + std::string(nlbd::nameOf(*row.foundBy)) + ")";
    if (row.roundTripSmoothed)
        say += ", " + std::to_string(row.roundTripSmoothed->count()) + " ms";
    say +=
        ", " + std::to_string(row.bytesIn) + " bytes in, " + std::to_string(row.bytesOut) + " out";
    const std::uint64_t waiting = row.own.bytes + row.live.bytes + row.bulk.bytes;
    if (waiting > 0)
        say += ", " + std::to_string(waiting) + " waiting";
    say += ".";
    if (row.failed)
        say += " " + sentenceOf(*row.failed);
    return say;
}

std::string sayAway(const api::Connection &row)
{
    std::string say = whoIs(row) + " is not connected";
    if (!row.address.empty())
        say += " (" + plainLine(row.address) + ")";
    say += row.failed
        ? ": " + std::string(nlbd::nameOf(*row.failed)) + ". " + sentenceOf(*row.failed)
        : std::string(": an answer is awaited.");
    if (row.nextTryIn)
        say += " Tried again in " + std::to_string((row.nextTryIn->count() + 999) / 1000) + " s.";
    return say;
}

} // namespace

std::string textOf(const api::ConnectionsChanged &all)
{
    std::string say;
    for (const Obstacle step : all.here)
        say += "\n" + sentenceOf(step);
    for (const api::Connection &row : all.others)
        say += "\n" + (row.state == State::Here ? sayHere(row) : sayAway(row));
    return say;
}

} // namespace nlbd::app
