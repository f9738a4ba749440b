#include "core/gossip/message.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::Kind;
using nlbd::testing::SmallGroup;

namespace {

engine::FrameIn frameOf(PeerId peer, const gossip::Message &message)
{
    return {peer, static_cast<std::uint8_t>(gossip::kindOf(message)), gossip::encode(message)};
}

constexpr std::size_t kLate = 3;

/// Four founders and a newcomer whom three of them admitted. The fourth knows the decision and
/// lacks a change that it closes in: it goes by the configuration before, which has no row for him.
struct Room {
    Room()
    {
        group.run(300ms);
        group.submit(0, api::CreateDocument{1, "Notes", "old "});
        group.run(5s);
        doc = *group.at(0).findDocument("Notes");
        group.subscribe(kLate);
        group.submit(kLate, api::OpenDocument{doc, 77});
        group.setFilter([](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &) {
            return to != kLate
                || (kind != static_cast<std::uint8_t>(Kind::Push)
                    && kind != static_cast<std::uint8_t>(Kind::Changes));
        });
        group.submit(0, api::CreateDocument{2, "More", ""});
        const auto &now = group.at(0).configuration();
        newcomer = group.addNewcomer({now.epoch, now.decision});
        group.submit(0, api::Propose{3, group.admission(newcomer)});
        const Hash id = group.at(0).lastAnswer().proposal;
        group.run(200ms);
        for (const std::size_t other : {1U, 2U})
            group.submit(other, api::Vote{3 + other, id, true});
        group.run(20s);
        for (std::size_t other = 0; other <= kLate; ++other)
            group.join(newcomer, other);
        group.run(5s);
    }

    [[nodiscard]] bool isAsMeant()
    {
        return group.at(0).configuration().epoch == Epoch(1)
            && group.at(newcomer).configuration().epoch == Epoch(1)
            && group.at(kLate).configuration().epoch == Epoch(0);
    }

    SmallGroup group{4};
    std::size_t newcomer = 0;
    DocIndex doc;
};

} // namespace

/// A newcomer before somebody who has not taken his admission up.
class NewcomerAheadTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsItsCaret();
    void isNoWitnessOfTheEpochBefore();
};

void NewcomerAheadTest::showsItsCaret()
{
    Room room;
    QVERIFY(room.isAsMeant());
    static_cast<void>(room.group.takeEvents(kLate));
    room.group.submit(room.newcomer, api::OpenDocument{room.doc, 78});
    room.group.submit(room.newcomer, api::MoveCaret{.doc = room.doc, .view = 78});
    room.group.run(1s);
    const auto events = room.group.takeEvents(kLate);
    QVERIFY(std::ranges::any_of(events, [](const api::Event &event) {
        const auto *caret = std::get_if<api::CaretMoved>(&event);
        return caret != nullptr && caret->device == DeviceIndex(4);
    }));
}

/// Who starts again asks what it said last.
void NewcomerAheadTest::isNoWitnessOfTheEpochBefore()
{
    Room room;
    QVERIFY(room.isAsMeant());
    for (std::size_t i = 0; i < kLate; ++i)
        room.group.cut(kLate, i);
    room.group.guardStarts();
    room.group.restart(kLate);
    const gossip::Own word{.device = room.group.at(kLate).me()};
    room.group.step(kLate, frameOf(room.group.sessionWith(kLate, room.newcomer), word));
    QCOMPARE(room.group.at(kLate).standing(), engine::Engine::Standing::Starting);
}

QTEST_APPLESS_MAIN(NewcomerAheadTest)
#include "newcomer_ahead_test.moc"
