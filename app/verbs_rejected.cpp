// What decisions left out of the texts, and what people take back of somebody.

#include "app/verb_parts.h"

#include <charconv>

namespace nlbd::app::verbs {

namespace {

struct Done {
    WorkspaceId workspace;
    nlohmann::json line;
    std::optional<VerbReply> refusal;
};

/// The devices of a member by name, or the one device whose key begins so.
std::vector<DeviceIndex> findDevices(const identity::Configuration &configuration,
                                     const std::string &whom)
{
    std::vector<DeviceIndex> byName;
    std::vector<DeviceIndex> byKey;
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const DeviceIndex device(static_cast<std::uint16_t>(i));
        if (configuration.memberOf(device)->name == whom)
            byName.push_back(device);
        if (whom.size() >= 4 && configuration.devices[i].key.hex().starts_with(whom))
            byKey.push_back(device);
    }
    if (byName.empty() && byKey.size() == 1)
        return byKey;
    return byName;
}

std::optional<Seq> sinceOf(const Request &request)
{
    const std::string text = request.get("since", "1");
    std::uint64_t seq = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (error != std::errc{} || end != text.data() + text.size() || seq == 0)
        return std::nullopt;
    return Seq(seq);
}

Done takeBackIn(Loop &loop, const Request &request, Seq since)
{
    const auto host = findWorkspace(loop, request);
    if (!host)
        return {{}, {}, host.error()};
    const engine::Engine &engine = (*host)->engine();
    const std::string whom = request.get("whom");
    const auto devices = findDevices(engine.configuration(), whom);
    if (devices.empty() || (devices.size() > 1 && since != Seq(1)))
        return {{},
                {},
                failure(devices.empty() ? Exit::NotFound : Exit::Usage,
                        devices.empty() ? "Nobody is called \"" + plainLine(whom)
                                + "\", and no key, or more than one, begins so. Nothing was "
                                  "changed. \"members\" and \"devices\" list them."
                                        : "\"" + plainLine(whom)
                                + "\" has several devices, each with numbers of its own: name one "
                                  "by the digits of its key. Nothing was changed.")};
    const std::uint64_t before = engine.ownChanges();
    for (const DeviceIndex device : devices)
        loop.step((*host)->id(), api::Command{api::TakeBack{0, device, since}});
    const std::uint64_t made = engine.ownChanges() - before;
    return {(*host)->id(),
            {{"ok", true},
             {"changes", made},
             {"say",
              made == 0 ? "Nothing of that shows in any text. Nothing was changed."
                        : "Taken back with " + counted(made, "change")
                      + " of yours. What others wrote stays, and the history keeps everything."}},
            std::nullopt};
}

} // namespace

VerbReply takeBack(Runtime &runtime, const Request &request)
{
    const auto since = sinceOf(request);
    if (!since)
        return failure(Exit::Usage,
                       "--since takes the number of a change, as \"log\" shows it. Nothing was "
                       "changed.");
    const auto done = runtime.ask<Done>(
        [&request, since](Loop &loop) { return takeBackIn(loop, request, *since); },
        Done{{}, {}, ending()});
    return done.refusal ? *done.refusal : whenStored(runtime, done.workspace, done.line);
}

VerbReply rejected(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const engine::Engine &engine = (*host)->engine();
            VerbReply reply;
            for (const api::RejectedInfo &info : engine.rejected()) {
                const std::string author = engine.knownConfiguration().memberOf(info.device)->name;
                std::string say =
                    author + " #" + std::to_string(info.seq) + "  " + timeText(info.when) + "  ";
                say += info.text.empty() ? (info.deletes ? "a deletion" : "a change without words")
                                         : "\"" + plainLine(info.text) + "\"";
                say += info.mine == 0 && info.others == 0
                    ? std::string("; nothing stands on it, and it is kept on this computer alone")
                    : "; " + counted(info.mine, "edit") + " of yours and "
                        + std::to_string(info.others) + " of others stand on it";
                reply.lines.push_back(lineOf({{"author", author},
                                              {"device", info.device.value},
                                              {"seq", info.seq},
                                              {"document", info.doc.value},
                                              {"when", timeText(info.when)},
                                              {"text", info.text},
                                              {"deletes", info.deletes},
                                              {"mine", info.mine},
                                              {"others", info.others},
                                              {"say", say}}));
            }
            if (reply.lines.empty())
                reply.lines.push_back(lineOf(
                    {{"ok", true}, {"say", "Nobody's edit stands on content that was rejected."}}));
            return reply;
        },
        ending());
}

} // namespace nlbd::app::verbs
