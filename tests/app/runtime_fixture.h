#pragma once

#include "app/loop.h"
#include "app/replay.h"
#include "app/runtime.h"
#include "app/system_clock.h"
#include "app/verb_parts.h"
#include "tests/app/memory_network.h"

#include <QTemporaryDir>
#include <QTest>

namespace nlbd::app::testing {

inline constexpr Millis kPatience{20'000};

/// One person's program: profile folder, runtime, and short ways to ask it.
class Member {
public:
    /// Without a hub it uses the real mesh on loopback.
    Member(MemoryHub *hub, std::filesystem::path folder, std::string name, std::uint16_t port)
        : m_hub(hub)
        , m_folder(std::move(folder))
        , m_name(std::move(name))
        , m_port(port)
    {
        start();
        (void)perform(*m_runtime, Request{"init", {{"name", m_name}}});
    }

    void start()
    {
        auto profile = Profile::open(m_folder);
        QVERIFY(profile);
        RuntimeOptions options;
        options.network.listen = net::Endpoint{"127.0.0.1", m_port};
        options.isDoorOpen = true;
        options.acceptsFoundings = acceptsFoundings;
        options.network.isLoopbackOnly = true;
        m_runtime = std::make_unique<Runtime>(
            std::move(*profile), options, m_hub != nullptr ? m_hub->makeNetwork() : makeNetwork());
    }
    void stop() { m_runtime.reset(); }

    [[nodiscard]] Runtime &runtime() { return *m_runtime; }
    [[nodiscard]] nlohmann::json say(const std::string &verb,
                                     std::map<std::string, std::string> arguments = {})
    {
        const VerbReply reply = perform(*m_runtime, Request{verb, std::move(arguments)});
        lastExit = reply.exit;
        return reply.lines.empty() ? nlohmann::json() : nlohmann::json::parse(reply.lines.front());
    }
    [[nodiscard]] bool waitFor(const std::function<bool(Loop &)> &question)
    {
        return waitUntil(*m_runtime, question, kPatience);
    }
    [[nodiscard]] std::string text(const std::string &title)
    {
        return say("show", {{"document", title}}).value("text", "");
    }
    [[nodiscard]] PublicKey device()
    {
        return m_runtime->ask<PublicKey>(
            [](Loop &loop) { return loop.profile().self()->device.publicKey(); }, {});
    }
    [[nodiscard]] const std::filesystem::path &folder() const { return m_folder; }

    bool acceptsFoundings = false;
    Exit lastExit = Exit::Ok;

private:
    MemoryHub *m_hub;
    std::filesystem::path m_folder;
    std::string m_name;
    std::uint16_t m_port;
    std::unique_ptr<Runtime> m_runtime;
};

/// The programs of one test, each in a folder of its own.
class Neighbours {
public:
    void begin()
    {
        end();
        m_dir = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<MemoryHub>();
    }
    void end() { m_members.clear(); }

    enum class Through { Memory, Mesh };
    Member &add(const std::string &name, Through through = Through::Memory)
    {
        const std::size_t number = m_members.size();
        const bool isMesh = through == Through::Mesh;
        m_members.push_back(std::make_unique<Member>(
            isMesh ? nullptr : m_hub.get(), folder() / ("p" + std::to_string(number)), name,
            static_cast<std::uint16_t>(isMesh ? 0 : 5000 + number)));
        return *m_members.back();
    }
    /// Anna with a text.
    Member &host()
    {
        Member &anna = add("Anna");
        (void)anna.say("found", {{"name", "Garden"}});
        (void)anna.say("import", {{"title", "Plan"}, {"text", "old "}});
        return anna;
    }

    [[nodiscard]] std::vector<std::unique_ptr<Member>> &members() { return m_members; }
    [[nodiscard]] Member &operator[](std::size_t i) { return *m_members[i]; }
    [[nodiscard]] std::size_t size() const { return m_members.size(); }
    [[nodiscard]] std::filesystem::path folder() const { return m_dir->path().toStdString(); }
    [[nodiscard]] MemoryHub &hub() { return *m_hub; }

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<MemoryHub> m_hub;
    std::vector<std::unique_ptr<Member>> m_members;
};

[[nodiscard]] inline std::string invitationOf(Member &member)
{
    return member.say("invite", {{"workspace", "Garden"}}).value("invitation", "");
}

/// Everything written is agreed by a quorum.
inline bool isAgreed(Loop &loop)
{
    for (const auto &[id, host] : loop.hosts()) {
        const auto now = host->engine().snapshot();
        if (now.changes == 0 || now.ratified != now.changes)
            return false;
    }
    return !loop.hosts().empty();
}

/// Nobody waits at the door, and everything written is agreed.
inline bool isInside(Loop &loop)
{
    return loop.joins().empty() && !loop.hosts().empty() && isAgreed(loop)
        && loop.hosts().begin()->second->engine().myDevice() != nullptr;
}

} // namespace nlbd::app::testing
