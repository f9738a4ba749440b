#include "wire_table.h"

#include <sstream>
#include <utility>

namespace nlbd::bench {

namespace {

constexpr Millis kStart{60'000}; ///< for a process to start, or a group to meet

using Answer = std::expected<std::string, std::string>;

Answer ask(Child &child, const std::string &question, std::string_view word)
{
    if (!child.say(question))
        return std::unexpected("nobody listens to \"" + question + '"');
    return child.hear(word, kStart);
}

/// All others invite the first, who then asks them to found a workspace with him.
std::expected<void, std::string> found(std::vector<Child> &members)
{
    for (std::size_t i = 1; i < members.size(); ++i) {
        const auto invitation = ask(members[i], "invite", "invitation");
        if (!invitation)
            return std::unexpected(invitation.error());
        if (const auto met = ask(members[0], "meet " + *invitation, "met"); !met)
            return std::unexpected(met.error());
    }
    if (!members[0].say("found"))
        return std::unexpected("the first member is gone");
    for (Child &member : members)
        if (const auto together =
                member.hear("together " + std::to_string(members.size() - 1), kStart);
            !together)
            return std::unexpected(together.error());
    if (const auto created = ask(members[0], "create", "opened"); !created)
        return std::unexpected(created.error());
    for (std::size_t i = 1; i < members.size(); ++i)
        if (const auto opened = members[i].hear("opened", kStart); !opened)
            return std::unexpected(opened.error());
    return {};
}

} // namespace

std::expected<Table, std::string> nodeTable(const std::filesystem::path &peers,
                                            const std::string &peer, const std::string &driver,
                                            std::size_t readers)
{
    Table table;
    table.peer = peer;
    table.name = "wire_key_to_visible";
    auto server = Child::start({"node", (peers / (driver + "_server.mjs")).string()});
    if (!server)
        return std::unexpected(server.error());
    const auto address = server->hear("ready", kStart);
    if (!address)
        return std::unexpected(address.error());
    table.servers.push_back(std::move(*server));
    for (std::size_t i = 0; i <= readers; ++i) {
        const std::string role = i < readers ? "reader" : "typist";
        std::vector<std::string> arguments{"node", (peers / (driver + "_client.mjs")).string(),
                                           role};
        std::string word;
        for (const char letter : *address + ' ') {
            if (letter != ' ')
                word += letter;
            else
                arguments.push_back(std::exchange(word, {}));
        }
        auto client = Child::start(arguments);
        if (!client)
            return std::unexpected(client.error());
        if (const auto ready = client->hear("ready", kStart); !ready)
            return std::unexpected(ready.error());
        (role == "reader" ? table.readers : table.typist).push_back(std::move(*client));
    }
    return table;
}

std::expected<Table, std::string> nlbdTable(const std::filesystem::path &folder,
                                            std::size_t members)
{
    std::error_code error;
    const std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
    std::vector<Child> all;
    for (std::size_t i = 0; i < members; ++i) {
        const std::string name = "Member " + std::to_string(i + 1);
        auto child =
            Child::start({self, "--member", (folder / std::to_string(i + 1)).string(), name});
        if (!child)
            return std::unexpected(child.error());
        all.push_back(std::move(*child));
    }
    Table table;
    for (Child &member : all) {
        const auto ready = member.hear("ready", kStart);
        if (!ready)
            return std::unexpected(ready.error());
        Table::Contact &contact = table.contacts.emplace_back();
        std::istringstream(*ready) >> contact.port >> contact.device;
    }
    if (const auto done = found(all); !done)
        return std::unexpected(done.error());
    table.peer = "nlbd";
    const std::string ending = members == 2 ? "" : "_by_" + std::to_string(members - 1);
    table.name = "wire_key_to_visible" + ending;
    table.mergedName = "wire_key_to_merged" + ending;
    table.typist.push_back(std::move(all.front()));
    for (std::size_t i = 1; i < members; ++i)
        table.readers.push_back(std::move(all[i]));
    return table;
}

std::expected<Table, std::string> yjsTable(const std::filesystem::path &peers)
{
    return nodeTable(peers, "y-websocket", "yjs", 1);
}

std::expected<Table, std::string> automergeTable(const std::filesystem::path &peers)
{
    return nodeTable(peers, "automerge-repo", "automerge", 1);
}

std::expected<void, std::string> installPeers(const std::filesystem::path &peers)
{
    constexpr Millis kInstall{300'000};
    auto install = Child::start({"sh", "-c", "\"$0\" \"$1\" && echo installed",
                                 NLBD_PEERS_SOURCE "/install.sh", peers.string()});
    if (!install)
        return std::unexpected(install.error());
    if (const auto done = install->hear("installed", kInstall); !done)
        return std::unexpected("the packages could not be installed (" + done.error() + ')');
    return {};
}

} // namespace nlbd::bench
