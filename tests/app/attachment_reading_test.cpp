#include "tests/app/runtime_fixture.h"

#include <QFile>

using namespace nlbd;
using namespace nlbd::app;
using nlbd::app::testing::Member;
using nlbd::app::testing::Neighbours;
using Why = api::AttachmentFailed::Why;

namespace {

/// A window upon the only workspace of a program.
class View {
public:
    explicit View(Member &member)
        : m_member(member)
    {
        Mailbox<api::LobbyEvent> lobby(1000);
        member.runtime().lobby().subscribe([&lobby](std::vector<api::LobbyEvent> batch) {
            for (api::LobbyEvent &event : batch)
                lobby.post(std::move(event));
        });
        QDeadlineTimer deadline(kPatienceMs);
        while (!m_workspace && !deadline.hasExpired())
            for (const api::LobbyEvent &event : lobby.takeAll(Millis{1000})) {
                if (const auto *known = std::get_if<api::WorkspacesChanged>(&event);
                    known && !known->workspaces.empty())
                    member.runtime().lobby().submit(
                        api::OpenWorkspace{known->workspaces.front().id});
                if (const auto *opened = std::get_if<api::WorkspaceOpened>(&event))
                    m_workspace = opened->workspace;
            }
        member.runtime().lobby().subscribe({});
        if (m_workspace)
            m_workspace->subscribe([this](std::vector<api::Event> batch) {
                for (api::Event &event : batch)
                    m_events.post(std::move(event));
            });
    }
    ~View()
    {
        if (m_workspace)
            m_workspace->subscribe({});
    }
    View(const View &) = delete;
    View &operator=(const View &) = delete;

    [[nodiscard]] bool isOpen() const { return m_workspace != nullptr; }
    void submit(api::Command command) { m_workspace->submit(std::move(command)); }

    /// The next event of this kind of which `isIt` holds.
    template <typename Wanted>
    [[nodiscard]] std::optional<Wanted>
    await(const std::function<bool(const Wanted &)> &isIt = [](const Wanted &) { return true; })
    {
        QDeadlineTimer deadline(kPatienceMs);
        while (!deadline.hasExpired()) {
            for (api::Event &event : m_events.takeAll(Millis{200}))
                m_waiting.push_back(std::move(event));
            while (!m_waiting.empty()) {
                const api::Event event = std::move(m_waiting.front());
                m_waiting.pop_front();
                if (const auto *wanted = std::get_if<Wanted>(&event); wanted && isIt(*wanted))
                    return *wanted;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<api::AttachmentRead> read(DocIndex doc, const Hash &blob,
                                                          std::uint64_t bytesMax)
    {
        submit(api::ReadAttachment{++m_request, doc, blob, bytesMax});
        return await<api::AttachmentRead>(
            [this](const auto &event) { return event.request == m_request; });
    }

private:
    static constexpr int kPatienceMs = 20'000;
    Member &m_member;
    std::shared_ptr<api::Workspace> m_workspace;
    Mailbox<api::Event> m_events{10'000};
    std::deque<api::Event> m_waiting;
    std::uint64_t m_request = 0;
};

} // namespace

/// What a window gets of attachments: their bytes, from the engine's own folder.
class AttachmentReadingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aViewReadsWhatIsAttached()
    {
        Neighbours people;
        people.begin();
        Member &anna = people.host();
        View view(anna);
        QVERIFY(view.isOpen());
        const auto list = view.await<api::DocumentsChanged>(
            [](const auto &event) { return !event.documents.empty(); });
        QVERIFY(list.has_value());
        const DocIndex doc = list->documents.front().doc;

        Bytes content(200'000);
        for (std::size_t i = 0; i < content.size(); ++i)
            content[i] = static_cast<std::byte>(i * i >> 3);
        const std::string path = (people.folder() / "lamps.png").string();
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(reinterpret_cast<const char *>(content.data()),
                            static_cast<qint64>(content.size())),
                 static_cast<qint64>(content.size()));
        file.close();
        view.submit(api::AttachFile{doc, path});
        const auto attached = view.await<api::FileAttached>();
        QVERIFY(attached.has_value());
        QCOMPARE(attached->name, std::string("lamps.png"));

        const auto read = view.read(doc, attached->blob, content.size());
        QVERIFY(read.has_value());
        QVERIFY(!read->failure);
        QVERIFY(read->content == content);
        const auto tooLarge = view.read(doc, attached->blob, content.size() - 1);
        QVERIFY(tooLarge && tooLarge->failure == Why::TooLarge && tooLarge->content.empty());
        Hash unknown = attached->blob;
        unknown.value[0] ^= std::byte{1};
        const auto missing = view.read(doc, unknown, content.size());
        QVERIFY(missing && missing->failure == Why::NotHere);
        const auto elsewhere = view.read(DocIndex(77), attached->blob, content.size());
        QVERIFY(elsewhere && elsewhere->failure == Why::NotHere);
        // Many at once: each is answered, with what is in it or that it is too many.
        constexpr std::uint64_t kMany = 40;
        for (std::uint64_t i = 0; i < kMany; ++i)
            view.submit(api::ReadAttachment{1'000 + i, doc, attached->blob, content.size()});
        std::size_t whole = 0;
        for (std::uint64_t i = 0; i < kMany; ++i) {
            const auto answer = view.await<api::AttachmentRead>();
            QVERIFY(answer.has_value());
            QVERIFY(answer->failure ? answer->failure == Why::Busy : answer->content == content);
            whole += answer->failure ? 0 : 1;
        }
        QVERIFY(whole >= 1);
    }
};

QTEST_GUILESS_MAIN(AttachmentReadingTest)
#include "attachment_reading_test.moc"
