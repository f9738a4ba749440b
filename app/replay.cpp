#include "app/replay.h"

#include "app/loop.h"
#include "app/system_clock.h"
#include "app/verb_parts.h"

#include <atomic>
#include <thread>

namespace nlbd::app {

namespace {

constexpr std::size_t kStepsAtOnce = 8; ///< so that the loop serves others in between

struct Player {
    const ReplayPlan &plan;
    const ReplayOptions &options;
    std::vector<DeviceIndex> devices; ///< by agent

    /// The first agent makes the document with its first change.
    [[nodiscard]] std::size_t extra(std::size_t agent) const { return agent == 0 ? 1 : 0; }

    [[nodiscard]] std::size_t heldOf(const engine::Engine &engine, std::size_t agent) const
    {
        const auto chains = engine.graph().chainsOf(devices[agent]);
        return chains.empty()
            ? 0
            : engine.graph().entry(engine.graph().headOf(chains.front())).seq.value;
    }
    [[nodiscard]] bool isComplete(const engine::Engine &engine) const
    {
        for (std::size_t a = 0; a < devices.size(); ++a)
            if (heldOf(engine, a) < plan.agents[a].size() + extra(a))
                return false;
        return true;
    }
};

struct Progress {
    enum class State : std::uint8_t { Played, Waiting, Complete, Failed } state = State::Waiting;
    std::string error;
};

std::vector<DeviceIndex> devicesOf(const engine::Engine &engine,
                                   const std::vector<std::string> &names)
{
    std::vector<DeviceIndex> result;
    const auto &configuration = engine.configuration();
    for (const std::string &name : names)
        for (std::size_t i = 0; i < configuration.devices.size(); ++i)
            if (configuration.memberOf(DeviceIndex(static_cast<std::uint16_t>(i)))->name == name)
                result.emplace_back(static_cast<std::uint16_t>(i));
    return result;
}

/// One change, if its past is held here.
Progress playOne(Loop &loop, WorkspaceHost &host, const Player &player)
{
    const engine::Engine &engine = host.engine();
    if (engine.standing() != engine::Engine::Standing::Ready)
        return {}; // what is written now would be signed later
    const std::size_t me = player.options.agent;
    const std::size_t done = player.heldOf(engine, me);
    if (done == 0 && me == 0) {
        loop.step(host.id(), api::Command(api::CreateDocument{0, player.options.title, {}}));
        return {player.heldOf(engine, me) == 1 ? Progress::State::Played : Progress::State::Failed,
                "the document could not be made"};
    }
    const std::size_t next = done - player.extra(me);
    if (next >= player.plan.agents[me].size())
        return {player.isComplete(engine) ? Progress::State::Complete : Progress::State::Waiting,
                {}};
    const ReplayPlan::Step &step = player.plan.agents[me][next];
    std::vector<std::pair<DeviceIndex, Seq>> seen;
    for (std::size_t a = 0; a < player.devices.size(); ++a) {
        const std::size_t height = step.seen[a] + player.extra(a);
        if (a == me || height == 0)
            continue;
        if (player.heldOf(engine, a) < height)
            return {Progress::State::Waiting, {}};
        seen.emplace_back(player.devices[a], Seq(height));
    }
    const auto doc = engine.findDocument(player.options.title);
    if (!doc)
        return {Progress::State::Waiting, {}};
    loop.step(host.id(), engine::EditAsOf{*doc, std::move(seen), step.patches});
    if (player.heldOf(engine, me) != done + 1)
        return {Progress::State::Failed,
                "step " + std::to_string(next + 1) + " does not fit the text it was made on"};
    return {Progress::State::Played, {}};
}

VerbReply report(Runtime &runtime, const WorkspaceId &id, const Trace &trace,
                 const ReplayOptions &options)
{
    return runtime.ask<VerbReply>(
        [&](Loop &loop) -> VerbReply {
            const engine::Engine &engine = loop.host(id)->engine();
            const auto doc = engine.findDocument(options.title);
            const std::string text = doc ? engine.text(*doc).value_or("") : "";
            const engine::Snapshot now = engine.snapshot();
            const bool isEqual = text == trace.endContent;
            const bool isAgreed = now.ratified == now.changes;
            std::size_t at = 0;
            while (at < text.size() && at < trace.endContent.size()
                   && text[at] == trace.endContent[at])
                ++at;
            nlohmann::json line{{"ok", isEqual && isAgreed},
                                {"equal", isEqual},
                                {"bytes", text.size()},
                                {"changes", now.changes},
                                {"ratified", now.ratified}};
            if (!isEqual)
                line["differsAt"] = at;
            line["say"] = std::string(isEqual ? "The text is the recorded one"
                                              : "The text differs from the recorded one")
                + "; " + std::to_string(now.ratified) + " of " + std::to_string(now.changes)
                + " changes are agreed.";
            return {isEqual && isAgreed ? Exit::Ok : Exit::Failed, {lineOf(line)}};
        },
        failure(Exit::Failed, "The program is ending."));
}

} // namespace

VerbReply replay(Runtime &runtime, const Trace &trace, const ReplayOptions &options,
                 const std::function<bool()> &isOver)
{
    const auto plan = planOf(trace);
    if (!plan)
        return failure(Exit::Failed, plan.error());
    if (options.agents.size() != trace.agentCount || options.agent >= trace.agentCount)
        return failure(
            Exit::Usage,
            "The trace has " + std::to_string(trace.agentCount)
                + " agents: name a member for each with --agents, and one of them with --agent.");
    const MonoTime end = readClocks().mono + options.patience;
    Player player{*plan, options, {}};
    std::optional<WorkspaceId> id;
    const Request request{{}, {{"workspace", options.workspace}}};
    const auto play = [&](Loop &loop) -> Progress {
        const auto host = options.workspace.empty() && loop.hosts().empty()
            ? std::expected<WorkspaceHost *, VerbReply>(nullptr)
            : findWorkspace(loop, request);
        if (!host || *host == nullptr)
            return {}; // it may still be founded
        id = (*host)->id();
        if (player.devices.empty())
            player.devices = devicesOf((*host)->engine(), options.agents);
        if (player.devices.size() != options.agents.size()
            || player.devices[options.agent] != (*host)->engine().me())
            return {Progress::State::Failed, "--agents must name each member once, and --agent me"};
        Progress progress;
        for (std::size_t i = 0; i < kStepsAtOnce; ++i) {
            progress = playOne(loop, **host, player);
            if (progress.state != Progress::State::Played)
                break;
        }
        return progress;
    };
    // Played on the loop as soon as what a step names has come, with rounds for others in between.
    std::atomic<Progress::State> state = Progress::State::Waiting;
    std::string error;
    const auto begin = [&](Loop &loop) {
        loop.afterEachRound([&] {
            if (state == Progress::State::Complete || state == Progress::State::Failed)
                return false;
            const Progress progress = play(loop);
            error = progress.error;
            state = progress.state;
            return progress.state == Progress::State::Played;
        });
        return true;
    };
    const auto stop = [](Loop &loop) {
        loop.afterEachRound({});
        return true;
    };
    (void)runtime.ask<bool>(begin, false);
    while (state != Progress::State::Complete && state != Progress::State::Failed && !isOver()
           && readClocks().mono < end)
        std::this_thread::sleep_for(Millis{20});
    if (!runtime.ask<bool>(stop, false) || state == Progress::State::Failed)
        return failure(Exit::Failed, "The replay cannot go on: " + error + ".");
    if (state != Progress::State::Complete)
        return failure(Exit::Network, "The replay did not come to its end in time.");
    const auto isAgreed = [&](Loop &loop) {
        const engine::Snapshot now = loop.host(*id)->engine().snapshot();
        return now.ratified == now.changes;
    };
    while (!isOver() && readClocks().mono < end && !runtime.ask<bool>(isAgreed, false))
        std::this_thread::sleep_for(Millis{100});
    return report(runtime, *id, trace, options);
}

} // namespace nlbd::app
