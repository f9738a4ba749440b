#include "wire_table.h"

#include "app/runtime.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <span>
#include <sstream>
#include <thread>

namespace nlbd::bench {

namespace {

constexpr std::uint64_t kView = 1;

/// What reaches the member's own thread: orders, and events with the moment at which they came.
struct OrdersEnded {};
struct WorkspaceNews {
    std::int64_t time = 0;
    std::vector<api::Event> events;
};
using Input = std::variant<std::string, OrdersEnded, std::vector<api::LobbyEvent>, WorkspaceNews>;

void answer(const std::string &line)
{
    std::cout << line << '\n' << std::flush;
}

void answerTimes(std::string_view word, std::size_t first, std::span<const std::int64_t> times)
{
    std::string line = std::string(word) + ' ' + std::to_string(first);
    for (const std::int64_t time : times)
        line += ' ' + std::to_string(time);
    answer(line);
}

/// A port of this computer that was free a moment ago.
std::uint16_t freePort()
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    const bool isKnown =
        bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0;
    close(descriptor);
    return isKnown ? ntohs(address.sin_port) : std::uint16_t{0};
}

/// One member: does what it is told, and keeps the text that its view shows.
class Member {
public:
    Member(api::Lobby &lobby, app::Mailbox<Input> &inputs)
        : m_lobby(lobby)
        , m_inputs(inputs)
    {
    }

    /// False when it is over.
    bool take(Input &input)
    {
        if (const auto *order = std::get_if<std::string>(&input))
            obey(*order);
        else if (auto *lobby = std::get_if<std::vector<api::LobbyEvent>>(&input))
            for (api::LobbyEvent &event : *lobby)
                std::visit([this](auto &what) { hear(what); }, event);
        else if (auto *news = std::get_if<WorkspaceNews>(&input))
            hear(*news);
        return !std::holds_alternative<OrdersEnded>(input);
    }

private:
    /// What comes together is shown together.
    void hear(WorkspaceNews &news)
    {
        for (api::Event &event : news.events)
            std::visit([&](auto &what) { hear(what, news.time); }, event);
        look(news.time);
        answerIfSeen();
    }

    void obey(const std::string &order)
    {
        std::istringstream words(order);
        std::string verb;
        words >> verb;
        if (verb == "invite") {
            m_lobby.submit(api::MakeInvitation{});
        } else if (verb == "meet") {
            std::string invitation;
            words >> invitation;
            m_isMeeting = true;
            m_met = m_neighbours.size();
            m_lobby.submit(api::UseInvitation{invitation});
        } else if (verb == "found") {
            m_lobby.submit(api::FoundWorkspace{"Bench", m_neighbours});
        } else if (verb == "create" && m_workspace) {
            m_workspace->submit(api::CreateDocument{1, "Bench", {}});
        } else if (verb == "type" && m_isOpen) {
            type(words);
        } else if (verb == "expect") {
            words >> m_expectedFirst >> m_expectedCount;
            answerIfSeen();
        } else {
            answer("wrong I cannot \"" + verb + "\" now");
        }
    }

    // ---- the lobby ----

    template <typename Other>
    void hear(Other &)
    {
    }
    void hear(api::InvitationMade &event) { answer("invitation " + event.text); }
    void hear(api::NeighboursChanged &event)
    {
        m_neighbours.clear();
        for (const api::Neighbour &neighbour : event.neighbours)
            m_neighbours.push_back(neighbour.device);
        if (m_isMeeting && m_neighbours.size() > m_met) {
            m_isMeeting = false;
            answer("met");
        }
    }
    void hear(api::WorkspacesChanged &event)
    {
        if (!event.workspaces.empty() && !m_workspace)
            m_lobby.submit(api::OpenWorkspace{event.workspaces.front().id});
    }
    void hear(api::WorkspaceOpened &event)
    {
        if (m_workspace)
            return;
        m_workspace = event.workspace;
        m_workspace->subscribe([&inputs = m_inputs](std::vector<api::Event> events) {
            inputs.post(WorkspaceNews{nowNs(), std::move(events)});
        });
    }
    /// Once the document is open, the text alone tells whether something is wrong with it.
    void hear(api::LobbyTrouble &event)
    {
        if (m_isOpen)
            return;
        answer("wrong the lobby says " + std::to_string(static_cast<int>(event.kind)) + ' '
               + event.detail);
    }

    // ---- the workspace ----

    template <typename Other>
    void hear(Other &, std::int64_t)
    {
    }
    void hear(api::PeopleChanged &event, std::int64_t)
    {
        const auto others = std::ranges::count_if(event.people, [](const api::Person &person) {
            return !person.isMe && person.isOnline;
        });
        if (m_isTogether || others == 0 || others + 1 != std::ssize(event.people))
            return;
        m_isTogether = true;
        answer("together " + std::to_string(others));
    }
    void hear(api::DocumentsChanged &event, std::int64_t)
    {
        if (event.documents.empty() || m_doc)
            return;
        m_doc = event.documents.front().doc;
        m_workspace->submit(api::OpenDocument{*m_doc, kView});
    }
    void hear(api::DocumentOpened &event, std::int64_t)
    {
        if (m_isOpen || !event.text.empty()) {
            answer("wrong the document was opened again or is not empty");
            return;
        }
        m_isOpen = true;
        answer("opened");
    }
    void hear(api::TextPatched &event, std::int64_t time)
    {
        m_patch = event.patch;
        for (const TextPatch &patch : event.patches) {
            if (patch.removed != 0)
                answer("wrong something was removed");
            applyTo(m_text, {patch});
            for (std::size_t at = 0; at < patch.inserted.size(); at += letterOf(0).size()) {
                if (patch.inserted.compare(at, letterOf(0).size(), letterOf(m_merged.size())) != 0)
                    answer("wrong another key came instead of " + std::to_string(m_merged.size()));
                m_merged.push_back(time);
            }
        }
    }
    void hear(api::CaretMoved &event, std::int64_t) { m_preview = std::move(event.preview); }

    /// What the view shows now: the text, and what the other is typing. Each key once, in order,
    /// and none that was shown before has gone.
    void look(std::int64_t time)
    {
        std::string shown;
        if (m_preview) {
            if (m_preview->at != m_merged.size())
                answer("wrong a preview stands at " + std::to_string(m_preview->at));
            shown = m_preview->text;
        }
        const std::size_t keys = m_merged.size() + shown.size() / letterOf(0).size();
        for (std::size_t key = m_merged.size(); key < keys; ++key)
            if (shown.compare((key - m_merged.size()) * letterOf(0).size(), letterOf(0).size(),
                              letterOf(key))
                != 0)
                answer("wrong another key is shown instead of " + std::to_string(key));
        if (keys < m_shown.size())
            answer("wrong a key was shown and has gone: " + std::to_string(keys));
        m_shown.resize(std::max(m_shown.size(), keys), time);
    }
    void hear(api::Refused &event, std::int64_t)
    {
        if (m_isOpen)
            return;
        for (const api::Refusal &refusal : event.refusals)
            answer("wrong refused: " + refusal.rule);
    }
    void hear(api::Trouble &event, std::int64_t)
    {
        answer("wrong the workspace says " + std::to_string(static_cast<int>(event.kind)) + ' '
               + event.detail);
    }

    void answerIfSeen()
    {
        if (m_expectedCount == 0 || m_merged.size() < m_expectedFirst + m_expectedCount)
            return;
        std::string whole;
        for (std::size_t key = 0; key < m_merged.size(); ++key)
            whole += letterOf(key);
        if (whole != m_text)
            answer("wrong the text is not what was typed");
        answerTimes("seen", m_expectedFirst,
                    std::span(m_shown).subspan(m_expectedFirst, m_expectedCount));
        answerTimes("merged", m_expectedFirst,
                    std::span(m_merged).subspan(m_expectedFirst, m_expectedCount));
        m_expectedCount = 0;
    }

    // Nobody else writes, so that nothing has to be heard meanwhile.
    void type(std::istringstream &words)
    {
        std::size_t first = 0;
        words >> first;
        std::vector<std::int64_t> times;
        std::int64_t due = nowNs();
        for (std::int64_t gapUs = 0; words >> gapUs;) {
            due += gapUs * 1000;
            sleepUntil(due);
            const std::size_t key = first + times.size();
            times.push_back(nowNs());
            m_workspace->submit(api::EditText{*m_doc,
                                              kView,
                                              m_patch,
                                              ++m_serial,
                                              {{static_cast<TextOffset>(key), 0, letterOf(key)}},
                                              api::EditText::Cause::Typing});
        }
        answerTimes("typed", first, times);
    }

    api::Lobby &m_lobby;
    app::Mailbox<Input> &m_inputs;
    std::shared_ptr<api::Workspace> m_workspace;
    std::vector<PublicKey> m_neighbours;
    bool m_isMeeting = false;
    std::size_t m_met = 0; ///< neighbours before that
    bool m_isTogether = false;
    bool m_isOpen = false;
    std::optional<DocIndex> m_doc;
    std::uint64_t m_patch = 0;
    std::uint64_t m_serial = 0;
    std::string m_text;
    std::vector<std::int64_t> m_shown;  ///< by key: when the view could show it
    std::vector<std::int64_t> m_merged; ///< by key: when it was in the text
    std::optional<api::CaretMoved::Preview> m_preview;
    std::size_t m_expectedFirst = 0;
    std::size_t m_expectedCount = 0;
};

} // namespace

int runMember(const std::filesystem::path &folder, const std::string &name)
{
    auto profile = app::Profile::open(folder);
    SystemRandom random;
    if (!profile || !profile->setName(name, random)) {
        answer("wrong the profile cannot be used: " + folder.string());
        return 1;
    }
    const std::string device = profile->self()->device.publicKey().hex();
    app::RuntimeOptions options;
    options.network.listen = net::Endpoint{"127.0.0.1", freePort()};
    options.network.isLoopbackOnly = true;
    options.acceptsFoundings = true;
    options.isDoorOpen = true;
    app::Mailbox<Input> inputs(1024);
    app::Runtime runtime(std::move(*profile), options, app::makeNetwork());
    Member member(runtime.lobby(), inputs);
    runtime.lobby().subscribe(
        [&inputs](std::vector<api::LobbyEvent> events) { inputs.post(std::move(events)); });
    std::thread orders([&inputs] {
        for (std::string line; std::getline(std::cin, line);)
            inputs.post(std::move(line));
        inputs.post(OrdersEnded{});
    });
    answer("ready " + std::to_string(options.network.listen->port) + ' ' + device);
    for (bool isOver = false; !isOver;)
        for (Input &input : inputs.takeAll(Millis{1000}))
            isOver = !member.take(input) || isOver;
    orders.join();
    return 0;
}

} // namespace nlbd::bench
