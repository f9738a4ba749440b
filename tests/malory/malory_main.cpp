// nlbd-malory: a hostile member for tests and demonstrations. Built with the tests, never
// installed.

#include "app/profile.h"
#include "app/system_clock.h"
#include "tests/malory/beacons.h"
#include "tests/malory/lurking.h"
#include "tests/malory/membership.h"
#include "tests/malory/mouth.h"
#include "tests/malory/outside.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace nlbd::malory {
namespace {

using Json = nlohmann::json;

constexpr int kUsage = 2;
constexpr int kNoProfile = 3;
constexpr int kNoAnswer = 4;
/// What ends my pen comes last: honest members take nothing more from its owner.
const std::vector<hostile::Attack> &allAttacks()
{
    static const std::vector<hostile::Attack> kAll = [] {
        std::vector<hostile::Attack> all = hostile::councilAttacks();
        for (const auto *list : {&mouths(), &lurking(), &hostile::blobAttacks(), &hostile::lies(),
                                 &networkAttacks(), &hostile::attacks()})
            all.insert(all.end(), list->begin(), list->end());
        std::ranges::stable_partition(
            all, [](const hostile::Attack &attack) { return !attack.endsPen; });
        return all;
    }();
    return kAll;
}

bool isIn(const std::vector<hostile::Attack> &list, std::string_view verb)
{
    return std::ranges::find(list, verb, &hostile::Attack::verb) != list.end();
}

/// `asked`: one of them, a list, "pens", which is all that ends a pen, "faults", which is those
/// that are no forks, or "all" of what is said in sessions as it comes: attacks on the network take
/// connections away from everybody on this computer, a mouth is a program by itself, and who lurks
/// waits for others.
bool isAsked(const hostile::Attack &attack, std::string_view asked)
{
    const std::array<std::pair<std::string_view, const std::vector<hostile::Attack> *>, 7> lists{
        {{"texts", &hostile::attacks()},
         {"attachments", &hostile::blobAttacks()},
         {"lies", &hostile::lies()},
         {"council", &hostile::councilAttacks()},
         {"network", &networkAttacks()},
         {"mouths", &mouths()},
         {"lurking", &lurking()}}};
    for (const auto &[name, list] : lists) {
        const bool isSaid = name == "texts" || name == "lies" || name == "council";
        if (isIn(*list, attack.verb) && (asked == name || (asked == "all" && isSaid)))
            return true;
    }
    return asked == attack.verb || (asked == "pens" && attack.endsPen)
        || (asked == "faults" && attack.endsPen && attack.code != Code::EV_FORK);
}

constexpr Millis kPatience{30'000}; ///< the longest pause between two sessions is ten seconds
/// Without end, whoever is away now is attacked in the next turn.
constexpr Millis kShortPatience{2'000};

constexpr Millis kWait{600'000}; ///< what others do, people among them, may take a while

struct Arguments {
    std::string profile;
    std::vector<Target> targets;
    std::optional<net::Endpoint> listen; ///< of a mouth
    std::string attack = "all";
    std::vector<std::string> without;
    net::InterfaceScope scope = net::InterfaceScope::Loopback; ///< of beacons
    bool isEndless = false;
    bool isList = false;
    bool isJson = false;
    bool isBad = false;

    [[nodiscard]] bool asks(const hostile::Attack &what) const
    {
        const auto isLeftOut = [&what](const std::string &name) { return isAsked(what, name); };
        return isAsked(what, attack) && std::ranges::none_of(without, isLeftOut);
    }
    [[nodiscard]] bool isMouth() const { return isIn(mouths(), attack); }
    [[nodiscard]] Millis patience() const { return isEndless ? kShortPatience : kPatience; }
};

std::optional<Target> targetFrom(std::string_view text)
{
    const std::size_t at = text.rfind('=');
    if (at == std::string_view::npos)
        return std::nullopt;
    const auto endpoint = net::parseEndpoint(text.substr(0, at));
    const auto bytes = fromHex(text.substr(at + 1));
    const auto device = bytes ? PublicKey::from(*bytes) : std::nullopt;
    if (!endpoint || !device)
        return std::nullopt;
    return Target{*endpoint, *device};
}

Arguments parse(int argc, char **argv)
{
    Arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto value = [&]() -> std::string_view { return i + 1 < argc ? argv[++i] : ""; };
        if (name == "--list") {
            a.isList = true;
        } else if (name == "--endless") {
            a.isEndless = true;
        } else if (name == "--without") {
            a.without.emplace_back(value());
        } else if (name == "--json") {
            a.isJson = true;
        } else if (name == "--listen") {
            const auto endpoint = net::parseEndpoint(value());
            a.isBad = a.isBad || !endpoint;
            if (endpoint)
                a.listen = *endpoint;
        } else if (name == "--networks") {
            a.scope = net::InterfaceScope::Networks;
        } else if (name == "--loopback") { // of mouths: always
        } else if (name == "--profile") {
            a.profile = value();
        } else if (name == "--attack") {
            a.attack = value();
        } else if (name == "--target") {
            const auto target = targetFrom(value());
            a.isBad = a.isBad || !target;
            if (target)
                a.targets.push_back(*target);
        } else {
            a.isBad = true;
        }
    }
    const bool isKnown = std::ranges::any_of(
        allAttacks(), [&a](const hostile::Attack &attack) { return a.asks(attack); });
    const bool hasWhere = a.isMouth() ? a.listen.has_value() : !a.targets.empty();
    a.isBad = a.isBad || !isKnown || (!a.isList && (a.profile.empty() || !hasWhere));
    return a;
}

void list(const Arguments &arguments)
{
    for (const hostile::Attack &attack : allAttacks()) {
        if (!arguments.asks(attack))
            continue;
        if (arguments.isJson) {
            std::printf("%s\n",
                        Json{{"verb", attack.verb},
                             {"row", attack.row},
                             {"code", hostile::answerOf(attack)},
                             {"endsPen", attack.endsPen},
                             {"sentence", attack.sentence}}
                            .dump()
                            .c_str());
        } else {
            std::printf("%-22.*s row %2d  %-15.*s %.*s\n", static_cast<int>(attack.verb.size()),
                        attack.verb.data(), attack.row,
                        static_cast<int>(hostile::answerOf(attack).size()),
                        hostile::answerOf(attack).data(), static_cast<int>(attack.sentence.size()),
                        attack.sentence.data());
        }
    }
}

void tell(const Outcome &outcome, bool isJson)
{
    const std::string_view verb = outcome.attack->verb;
    const std::string_view code = hostile::answerOf(*outcome.attack);
    if (isJson) {
        Json line{{"verb", verb},
                  {"code", code},
                  {"victim", outcome.victim},
                  {"sent", outcome.wasSent},
                  {"cut", outcome.wasCut}};
        if (outcome.found) {
            line["reused"] = outcome.found->reused;
            line["rivals"] = outcome.found->rivals;
        }
        std::printf("%s\n", line.dump().c_str());
    } else {
        std::printf("%.*s on victim %zu: %s%s, expects %.*s\n", static_cast<int>(verb.size()),
                    verb.data(), outcome.victim, outcome.wasSent ? "sent" : "not sent, no session",
                    outcome.wasCut ? ", was cut" : "", static_cast<int>(code.size()), code.data());
    }
    std::fflush(stdout);
}

struct Mine {
    const Membership &membership;
    const identity::SecretKey &device;
};

/// One line for each target, as for every attack.
void attackNetwork(Campaign &campaign, const hostile::Attack &attack, const Arguments &arguments,
                   const Mine &mine)
{
    constexpr Millis kHeld{2'000};
    SystemRandom random;
    bool wasSent = true;
    if (attack.verb == "poison-addresses")
        wasSent = campaign.poison(arguments.patience());
    else if (attack.verb == "strangers")
        wasSent = knockAsStrangers(arguments.targets, random, arguments.patience());
    else if (attack.verb == "false-beacons")
        wasSent = sendFalseBeacons(mine.membership.configuration, mine.device, mine.membership.key,
                                   arguments.scope, random, kHeld)
            > 0;
    else
        wasSent = holdSilentConnections(arguments.targets, kHeld) > 0;
    for (std::size_t i = 0; i < arguments.targets.size(); ++i)
        tell({&attack, i, wasSent, false, {}}, arguments.isJson);
}

/// One attack after the other, each on every target.
void attackAll(Campaign &campaign, const Arguments &arguments, const Mine &mine)
{
    for (const hostile::Attack &attack : allAttacks()) {
        if (!arguments.asks(attack))
            continue;
        if (isIn(networkAttacks(), attack.verb)) {
            attackNetwork(campaign, attack, arguments, mine);
            continue;
        }
        const WallTime wall = app::readClocks().wall;
        for (const Outcome &outcome : isIn(lurking(), attack.verb)
                 ? campaign.lurk(attack, wall, arguments.isEndless ? kShortPatience : kWait)
                 : campaign.attack(attack, wall, arguments.patience()))
            tell(outcome, arguments.isJson);
        if (attack.code == Code::EV_FORK && !arguments.isEndless)
            campaign.serveUntilForkIsProven(kPatience);
    }
}

int mount(const Arguments &arguments)
{
    auto profile = app::Profile::open(arguments.profile);
    if (arguments.isMouth() && profile && profile->self() != nullptr)
        return speakThrough(arguments.attack, std::move(*profile), arguments.profile,
                            *arguments.listen);
    const auto membership =
        profile && profile->self() != nullptr ? membershipOf(*profile) : std::nullopt;
    if (!membership) {
        std::fputs("nlbd-malory: the profile has no workspace, or another program runs with it.\n",
                   stderr);
        return kNoProfile;
    }
    const identity::Configuration &configuration = membership->configuration;
    const identity::SecretKey &device = profile->self()->device;
    if (!configuration.indexOf(device.publicKey())) {
        std::fputs("nlbd-malory: the profile is no member of its workspace.\n", stderr);
        return kNoProfile;
    }
    SystemRandom random;
    const std::unique_ptr<app::Network> network = app::makeNetwork();
    Campaign campaign(configuration, device, membership->key, *network, arguments.targets, random);
    const auto port =
        network->open(device, {.listen = std::nullopt, .isLoopbackOnly = true}, campaign.sink());
    const net::WorkspaceTag tag = membership->tag();
    network->setAllowed(tag.members);
    network->setWorkspaces({tag});
    const bool isUp = port && campaign.connect(arguments.patience());
    if (!port || (!isUp && !arguments.isEndless)) {
        std::fputs("nlbd-malory: not every target answered.\n", stderr);
        network->stop();
        return kNoAnswer;
    }
    campaign.catchUp(Millis(2000));
    do
        attackAll(campaign, arguments, {*membership, device});
    while (arguments.isEndless);
    network->stop();
    return 0;
}

} // namespace
} // namespace nlbd::malory

int main(int argc, char **argv)
{
    using namespace nlbd;
    const malory::Arguments arguments = malory::parse(argc, argv);
    if (arguments.isBad) {
        std::fputs(
            "nlbd-malory --list [--attack NAME|LIST|all] [--json]\n"
            "nlbd-malory --profile DIR --target HOST:PORT=KEYHEX... [--attack NAME|LIST|all]\n"
            "            [--without NAME|LIST...] [--endless] [--networks] [--json]\n"
            "nlbd-malory --profile DIR --attack MOUTH --listen HOST:PORT\n"
            "LIST: council, lies, texts, attachments, network, lurking, mouths; pens, all that "
            "ends a pen;\n"
            "      faults, those that are no forks\n",
            stderr);
        return malory::kUsage;
    }
    if (arguments.isList) {
        malory::list(arguments);
        return 0;
    }
    return malory::mount(arguments);
}
