#include "app/wish_words.h"

#include "app/verb_parts.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace nlbd::app {

namespace {

constexpr std::string_view kLeft = "left";
constexpr std::string_view kRemoved = "removed";
constexpr std::string_view kRevoked = "revoked";

using Kind = api::Wish::Kind;

api::Limits limitsOf(const identity::Policy &policy)
{
    return {policy.dormantDays, policy.rekeyDays, policy.checkpointChanges, policy.checkpointBytes,
            policy.newcomersReadPast};
}

std::string silence(std::uint32_t days)
{
    return days == 0 ? "count on without nobody, however silent"
                     : "count on without who is silent for " + counted(days, "day");
}

std::string key(std::uint32_t days)
{
    return days == 0 ? "keep the key until somebody asks for another"
                     : "change the key every " + counted(days, "day");
}

std::string checkpoint(std::uint32_t changes, std::uint32_t bytes)
{
    if (changes == 0 && bytes == 0)
        return "keep no checkpoint by itself";
    std::string words = "keep a checkpoint after ";
    if (changes != 0)
        words += counted(changes, "change");
    if (bytes != 0)
        words += (changes != 0 ? " or " : "") + counted(bytes, "byte");
    return words;
}

std::string past(bool isRead)
{
    return isRead ? "let newcomers in, who read what is older as well"
                  : "keep what is older from newcomers: nobody new is let in here";
}

template <typename Number>
std::expected<void, std::string> put(Number &into, std::string_view name, std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::unexpected(std::string(name) + " takes a number up to "
                               + std::to_string(std::numeric_limits<Number>::max())
                               + "; 0 means never. Nothing was asked for.");
    into = value;
    return {};
}

std::expected<void, std::string> putAnswer(bool &into, std::string_view name, std::string_view text)
{
    if (text != "yes" && text != "no")
        return std::unexpected(std::string(name) + " takes yes or no. Nothing was asked for.");
    into = text == "yes";
    return {};
}

std::expected<void, std::string> putOne(api::Limits &limits, std::string_view part)
{
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (name == "silent-days")
        return put(limits.silentDays, name, value);
    if (name == "key-days")
        return put(limits.keyDays, name, value);
    if (name == "checkpoint-changes")
        return put(limits.checkpointChanges, name, value);
    if (name == "checkpoint-bytes")
        return put(limits.checkpointBytes, name, value);
    if (name == "newcomers-read-past")
        return putAnswer(limits.newcomersReadPast, name, value);
    return std::unexpected("limits takes silent-days=N, key-days=N, checkpoint-changes=N, "
                           "checkpoint-bytes=N and newcomers-read-past=yes or no, joined by "
                           "commas. Nothing was asked for.");
}

} // namespace

std::string nameOf(const identity::Configuration &configuration, MemberIndex member)
{
    return member.value < configuration.members.size() ? configuration.members[member.value].name
                                                       : "somebody unknown";
}

std::string namesOf(const std::vector<MemberIndex> &members,
                    const identity::Configuration &configuration)
{
    std::string names;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0)
            names += i + 1 == members.size() ? " and " : ", ";
        names += nameOf(configuration, members[i]);
    }
    return names.empty() ? "nobody" : names;
}

namespace {

std::string wordsOfRule(const std::string &text, const api::Limits &limits,
                        const identity::Policy &now)
{
    std::string words;
    const auto add = [&words](const std::string &part) {
        words += (words.empty() ? "" : "; ") + part;
    };
    if (text != now.text)
        add(text.empty() ? "drop the rule \"" + plainLine(now.text) + "\""
                         : "agree on the rule \"" + plainLine(text) + "\"");
    if (limits.silentDays != now.dormantDays)
        add(silence(limits.silentDays));
    if (limits.keyDays != now.rekeyDays)
        add(key(limits.keyDays));
    if (limits.checkpointChanges != now.checkpointChanges
        || limits.checkpointBytes != now.checkpointBytes)
        add(checkpoint(limits.checkpointChanges, limits.checkpointBytes));
    if (limits.newcomersReadPast != now.newcomersReadPast)
        add(past(limits.newcomersReadPast));
    return words.empty() ? "leave the rule as it is" : words;
}

} // namespace

std::string adviceOn(Code proof, const std::string &accused)
{
    switch (proof) {
    case Code::EV_FORK:
        return "A folder that was copied or restored does that, and so does somebody who tells two "
               "stories on purpose. The device is stopped by itself; \"devices renew\" there goes "
               "on with a new key.";
    case Code::EV_INVALID:
        return "Its words end there. \"propose fence\" with its key stops it for good.";
    case Code::EV_DOUBLE_ACK:
    case Code::EV_DOUBLE_VOTE:
    case Code::EV_AMNESIA:
    case Code::EV_DOUBLE_CLOSE:
        return "Its folder is used at two places, or its program was changed. If nobody can "
               "explain it, \"propose remove\" asks all to decide without "
            + accused + ".";
    case Code::EV_CONFLICT_DECISION:
        return "Nothing is decided here any more. \"found-anew\" begins again with those whom you "
               "trust.";
    default:
        return {};
    }
}

std::string sentenceOfRule(const identity::Policy &policy)
{
    return (policy.text.empty() ? std::string("No rule was agreed on")
                                : "The rule: \"" + plainLine(policy.text) + "\"")
        + ". By themselves the computers ask to " + silence(policy.dormantDays) + ", to "
        + key(policy.rekeyDays) + ", and to "
        + checkpoint(policy.checkpointChanges, policy.checkpointBytes) + "."
        + (policy.newcomersReadPast
               ? ""
               : " Nobody new is let in, as what is older is kept from newcomers: \"found-anew\" "
                 "begins again with the texts as they are and with whom you like.");
}

std::string whyNobodyNew()
{
    return "The rule keeps what is older from newcomers, so nobody new is let in here. Nothing was "
           "asked for. \"found-anew\" begins again with the texts as they are, without what was "
           "before; \"propose limits newcomers-read-past=yes\" asks for another rule.";
}

std::expected<api::Limits, std::string> readLimits(std::string_view text,
                                                   const identity::Policy &now)
{
    api::Limits limits = limitsOf(now);
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        if (const auto done = putOne(limits, text.substr(from, comma - from)); !done)
            return std::unexpected(done.error());
        from = comma + 1;
    }
    return limits;
}

std::string wordsOf(const api::Wish &wish, const identity::Configuration &configuration,
                    const identity::Policy &before)
{
    const std::string member = nameOf(configuration, wish.member);
    switch (wish.kind) {
    case Kind::Admit: {
        // Whom this let in is a member since, by this very computer.
        const auto known = configuration.memberWith(wish.identity);
        const auto first = std::ranges::find_if(configuration.devices, [&](const auto &device) {
            return known && device.member == *known;
        });
        const bool isOther = first != configuration.devices.end() && first->key != wish.key;
        if (isOther && configuration.members[known->value].standing != identity::Standing::Gone)
            return "let another computer of " + nameOf(configuration, *known) + " in";
        return "let " + plainLine(wish.name) + " in" + (wish.isReader ? " as a reader" : "");
    }
    case Kind::ChangeRole:
        return "make " + member + (wish.isReader ? " a reader" : " a writer");
    case Kind::SetPolicy:
        return wordsOfRule(wish.text, wish.limits.value_or(limitsOf(before)), before);
    case Kind::MoveSeat:
        return "let another computer of " + member
            + " vote in place of "
              "the one that does";
    case Kind::MakeDormant:
        return "count on without " + member + ", who is away";
    case Kind::Wake:
        return "count " + member + " in again, who was away";
    case Kind::Leave:
        return "let " + member + " go, who wants to leave";
    case Kind::RemoveMember:
        return "remove " + member
            + (wish.text.empty() ? "" : " (\"" + plainLine(wish.text) + "\")");
    case Kind::RemoveDevice:
        return "end a device of " + member;
    case Kind::Fence:
        return "stop the device of " + member + ", against which there is proof";
    case Kind::Checkpoint:
        return "keep a checkpoint";
    case Kind::NewKey:
        return "change the key";
    case Kind::TurnKey:
        return "let keys come to a new key of a device of " + member;
    }
    return "something unknown";
}

std::string_view wayOutOf(const std::vector<api::DecisionInfo> &made, MemberIndex member,
                          DeviceIndex device)
{
    using Kind = api::Wish::Kind;
    for (const api::DecisionInfo &decision : made) {
        const auto has = [&decision](Kind kind, auto isMine) {
            return std::ranges::any_of(decision.wishes, [&](const api::Wish &wish) {
                return wish.kind == kind && isMine(wish);
            });
        };
        const auto isOfMember = [member](const api::Wish &wish) { return wish.member == member; };
        const auto isDevice = [device](const api::Wish &wish) { return wish.device == device; };
        // Of both in one decision the removal is said: it would have come without the other.
        if (has(Kind::RemoveMember, isOfMember))
            return kRemoved;
        if (has(Kind::Leave, isOfMember))
            return kLeft;
        if (has(Kind::RemoveDevice, isDevice))
            return kRevoked;
    }
    return kRemoved;
}

std::string_view sentenceOfWayOut(std::string_view way)
{
    if (way == kLeft)
        return "You left; the members' signatures are under it.";
    if (way == kRevoked)
        return "This device was given up and belongs to the workspace no more.";
    return "You were removed: the members decided so.";
}

} // namespace nlbd::app
