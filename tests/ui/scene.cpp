#include "tests/ui/scene.h"

#include <QDateTime>

#include <array>

namespace nlbd::testing {

const char *const kCharter = "Charter of the reading room\n\n"
                             "The room belongs to everyone who reads in it. No member "
                             "stands above another, and no copy of this "
                             "charter is the original: each of us keeps all of it.\n\n"
                             "We open at eight. Whoever arrives first lights the lamps; "
                             "whoever leaves last writes the day into "
                             "the book.\n\n"
                             "A rule is changed when two thirds of us have read the change "
                             "and set our mark to it. Until then it "
                             "stays in pencil.\n\n"
                             "New readers are welcomed by vote.\n";

Scene::Scene()
{
    charter = workspace->addDocument("Charter of the reading room", kCharter);
    for (const char *title :
         {"Minutes, 14 November", "Shelf plan", "Letters to the city", "Budget 2027"})
        workspace->addDocument(title, std::string(title) + "\n");
    const auto add = [this](const char *name, const char *words, bool isHere,
                            std::uint64_t behind) {
        api::Person person;
        const auto index = static_cast<std::uint16_t>(workspace->people.people.size());
        person.member = MemberIndex(index);
        person.device = DeviceIndex(index);
        person.name = name;
        person.words = words;
        person.colour = static_cast<std::uint8_t>(index);
        person.isMe = index == 0;
        person.isOnline = isHere;
        person.changesBehind = behind;
        if (isHere && index < 2)
            person.writingIn = charter;
        person.lastHeard = WallTime(Millis(QDateTime::currentMSecsSinceEpoch() - 3 * 86'400'000LL));
        workspace->people.people.push_back(person);
    };
    add("Andreas Michas", "lamp river stone nine", true, 0);
    add("Thea Kallas", "olive gate seven wind", true, 0);
    add("Sofia Orfanou", "paper moon anchor salt", true, 3);
    add("Nikos Petrou", "copper field door quiet", false, 41);
    workspace->people.quorum = 3;
    workspace->people.tolerated = 1;
    workspace->status.othersOnline = 2;
    workspace->status.changesInPencil = 6;
    workspace->status.myChangesInPencil = 6;
    workspace->status.agreedUpTo =
        WallTime(Millis(QDateTime(QDate::currentDate(), QTime(14, 2)).toMSecsSinceEpoch()));
    workspace->status.missing = {MemberIndex(2), MemberIndex(3)};
}

Scene::~Scene() = default;

void Scene::open(bool waits)
{
    window = std::make_unique<ui::MainWindow>(workspace, QStringLiteral("Agora"));
    window->show();
    static_cast<void>(QTest::qWaitForWindowExposed(window.get()));
    if (waits)
        static_cast<void>(QTest::qWaitFor([this] { return window->page().isOpen(); }, kPatienceMs));
    QCoreApplication::processEvents();
}

void Scene::showMarks()
{
    const std::string text = kCharter;
    const auto from = static_cast<TextOffset>(text.find("Until then"));
    const auto to = static_cast<TextOffset>(text.find("\n\nNew readers"));
    workspace->agreement(charter, {{from, to, api::Agreement::Pencil, 2}});
    settle();
}

void Scene::refuse(std::uint64_t count)
{
    api::Refusal refusal;
    refusal.number = 1;
    refusal.code = Code::E_SIG;
    refusal.from = DeviceIndex(3);
    refusal.claimed = DeviceIndex(1);
    refusal.seq = 88;
    refusal.when = WallTime(Millis(QDateTime::currentMSecsSinceEpoch()));
    refusal.rule = "The signature is not by the key of the device that the change names";
    for (int i = 0; i < 240; ++i)
        refusal.record.push_back(static_cast<std::byte>(i * 7 + 32));
    refusal.count = count;
    workspace->tell(api::Refused{{refusal}, count});
}

void Scene::prove()
{
    api::EvidenceInfo proof;
    proof.id.value[0] = std::byte{0x5A};
    proof.accused = DeviceIndex(3);
    proof.when = WallTime(Millis(QDateTime::currentMSecsSinceEpoch()));
    proof.rule = "One device signed two different changes with number 41";
    proof.records = {Bytes(120, std::byte{0x41}), Bytes(120, std::byte{0x42})};
    proof.file = Bytes(300, std::byte{7});
    workspace->tell(api::EvidenceFound{{proof}});
}

ui::DocumentView &openWith(Scene &scene, const std::string &text)
{
    scene.workspace->textOf(scene.charter) = text;
    scene.open();
    scene.window->page().setFocus();
    return scene.window->page();
}

void place(ui::DocumentView &view, int anchor, int caret)
{
    QTextCursor cursor = view.textCursor();
    cursor.setPosition(anchor);
    cursor.setPosition(caret, QTextCursor::KeepAnchor);
    view.setTextCursor(cursor);
}

api::NeighboursChanged neighbours()
{
    api::NeighboursChanged event;
    const std::array<std::array<const char *, 2>, 3> people{
        {{"Thea Kallas", "olive gate seven wind"},
         {"Sofia Orfanou", "paper moon anchor salt"},
         {"Nikos Petrou", "copper field door quiet"}}};
    for (const auto &[name, words] : people) {
        api::Neighbour neighbour;
        neighbour.device.value[0] = static_cast<std::byte>(event.neighbours.size() + 1);
        neighbour.name = name;
        neighbour.words = words;
        neighbour.address = "192.168.1.21:7450";
        neighbour.hasSameVersion = event.neighbours.size() != 2;
        event.neighbours.push_back(neighbour);
    }
    return event;
}

api::FoundingChanged founding(api::FoundingInfo::State state, bool isMine)
{
    using Answer = api::FoundingInfo::Answer;
    api::FoundingInfo info;
    info.draft.value[0] = isMine ? std::byte{1} : std::byte{2};
    info.workspace = isMine ? "Agora" : "Chess club";
    info.isMine = isMine;
    info.state = state;
    const bool isDeclined = state == api::FoundingInfo::State::Declined;
    info.founders = {{"Andreas Michas", "lamp river stone nine",
                      isMine ? Answer::Accepted : Answer::Waiting, true, isMine},
                     {"Sofia Orfanou", "paper moon anchor salt",
                      isDeclined ? Answer::Declined : Answer::Waiting, false, false},
                     {"Thea Kallas", "olive gate seven wind", Answer::Accepted, false, !isMine}};
    return {info};
}

api::WorkspacesChanged workspaceList()
{
    api::WorkspacesChanged event;
    for (const char *name : {"Agora", "Chess club", "House of the seven pebbles"}) {
        api::WorkspaceInfo info;
        info.id.value[0] = static_cast<std::byte>(event.workspaces.size() + 1);
        info.name = name;
        info.members = {"Andreas Michas", "Thea Kallas", "Sofia Orfanou", "Nikos Petrou"};
        info.lastUsed =
            WallTime(Millis(QDateTime::currentMSecsSinceEpoch()
                            - 86'400'000LL * static_cast<qint64>(event.workspaces.size())));
        event.workspaces.push_back(info);
    }
    return event;
}

} // namespace nlbd::testing
