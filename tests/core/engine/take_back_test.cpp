#include "tests/support/small_group.h"

#include <QTest>

#include <array>
#include <sstream>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

struct Desk {
    Desk()
        : group(4)
    {
        group.run(200ms);
        group.submit(0, api::CreateDocument{1, "Notes", "The fox runs."});
        group.run(5s);
        doc = *group.at(0).findDocument("Notes");
        for (std::size_t i = 0; i < 4; ++i)
            group.subscribe(i);
    }

    /// As somebody does in a view of its own; returns the number of the change.
    std::uint64_t edit(std::size_t who, TextOffset at, TextOffset removed, std::string_view text)
    {
        const std::uint64_t view = ++m_lastView;
        group.submit(who, api::OpenDocument{doc, view});
        group.submit(who, api::EditText{doc, view, 0, 1, {{at, removed, std::string(text)}}});
        group.submit(who, api::Flush{});
        group.submit(who, api::CloseDocument{doc, view});
        group.run(2s);
        const engine::Engine &engine = group.at(who);
        const auto chain = engine.graph().chainsOf(engine.me()).front();
        return engine.graph().entry(engine.graph().headOf(chain)).seq.value;
    }

    /// What the last TakeBack of somebody did.
    [[nodiscard]] api::TookBack answer(std::size_t who)
    {
        api::TookBack last;
        for (api::Event &event : group.takeEvents(who))
            if (const auto *done = std::get_if<api::TookBack>(&event))
                last = *done;
        return last;
    }

    void expectEverywhere(const std::string &text)
    {
        for (std::size_t i = 0; i < 4; ++i)
            QCOMPARE(group.at(i).text(doc).value_or("?"), text);
    }

    SmallGroup group;
    DocIndex doc;

private:
    std::uint64_t m_lastView = 0;
};

} // namespace

/// Somebody's work from a change on is taken back by somebody else (PROTOCOL C15, B 17).
class TakeBackTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void leavesWhatOthersWrote();
    void reachesAsFarAsAsked();
    void isTakenBackByOneUndo();
    void whatHeTookBackHimself();
    void nothingIsLeftToTakeBack();
    void whoMayNotWriteDoesNot();
    void onlyHisLinesChange();
};

void TakeBackTest::leavesWhatOthersWrote()
{
    Desk desk;
    desk.edit(1, 4, 3, "cat");    // The cat runs.
    desk.edit(2, 12, 0, " away"); // The cat runs away.
    desk.edit(1, 0, 0, "LOL ");   // LOL The cat runs away.
    desk.edit(3, 16, 0, " far");  // LOL The cat runs far away.
    desk.expectEverywhere("LOL The cat runs far away.");
    desk.group.submit(0, api::TakeBack{7, DeviceIndex(1)});
    desk.group.run(5s);
    desk.expectEverywhere("The fox runs far away.");
    const api::TookBack answer = desk.answer(0);
    QCOMPARE(answer.request, std::uint64_t(7));
    QCOMPARE(answer.documents, std::uint64_t(1));
    QVERIFY(answer.changes > 0);
    desk.group.restart(0);
    desk.group.run(2s);
    desk.expectEverywhere("The fox runs far away.");
}

void TakeBackTest::reachesAsFarAsAsked()
{
    Desk desk;
    desk.edit(1, 0, 0, "One. ");
    const std::uint64_t second = desk.edit(1, 5, 0, "Two. ");
    desk.edit(1, 10, 0, "Three. ");
    desk.group.submit(2, api::TakeBack{1, DeviceIndex(1), Seq(second)});
    desk.group.run(5s);
    desk.expectEverywhere("One. The fox runs.");
}

void TakeBackTest::isTakenBackByOneUndo()
{
    Desk desk;
    desk.edit(1, 4, 3, "cat");
    desk.edit(1, 0, 0, "LOL ");
    desk.group.submit(0, api::TakeBack{1, DeviceIndex(1)});
    desk.group.run(5s);
    desk.expectEverywhere("The fox runs.");
    desk.group.submit(0, api::Undo{desk.doc});
    desk.group.run(5s);
    desk.expectEverywhere("LOL The cat runs.");
    desk.group.submit(0, api::Redo{desk.doc});
    desk.group.run(5s);
    desk.expectEverywhere("The fox runs.");
}

void TakeBackTest::whatHeTookBackHimself()
{
    // What came back by his own undo is somebody else's writing still.
    Desk desk;
    desk.edit(1, 4, 3, "cat");
    desk.group.submit(1, api::Undo{desk.doc});
    desk.group.run(5s);
    desk.expectEverywhere("The fox runs.");
    desk.edit(1, 0, 0, "LOL ");
    desk.group.submit(0, api::TakeBack{1, DeviceIndex(1)});
    desk.group.run(5s);
    desk.expectEverywhere("The fox runs.");
}

void TakeBackTest::nothingIsLeftToTakeBack()
{
    Desk desk;
    desk.group.submit(0, api::TakeBack{3, DeviceIndex(2)});
    desk.group.submit(0, api::TakeBack{4, DeviceIndex(60'000)}); // nobody
    desk.group.run(1s);
    QCOMPARE(desk.answer(0).request, std::uint64_t(4));
    QCOMPARE(desk.answer(0).changes, std::uint64_t(0));
    desk.expectEverywhere("The fox runs.");
}

void TakeBackTest::whoMayNotWriteDoesNot()
{
    Desk desk;
    desk.edit(1, 0, 0, "LOL ");
    api::Wish wish;
    wish.kind = api::Wish::Kind::ChangeRole;
    wish.member = MemberIndex(3);
    wish.isReader = true;
    desk.group.submit(0, api::Propose{1, wish});
    desk.group.run(300ms);
    Hash id;
    for (api::Event &event : desk.group.takeEvents(1))
        if (const auto *news = std::get_if<api::DecisionsChanged>(&event);
            news && !news->open.empty())
            id = news->open.front().id;
    for (const std::size_t voter : {1, 2})
        desk.group.submit(voter, api::Vote{1, id, true});
    desk.group.run(20s);
    QCOMPARE(desk.group.at(3).configuration().epoch, Epoch(1));
    desk.group.submit(3, api::TakeBack{1, DeviceIndex(1)});
    desk.group.run(5s);
    QCOMPARE(desk.answer(3).changes, std::uint64_t(0));
    desk.expectEverywhere("LOL The fox runs.");
}

void TakeBackTest::onlyHisLinesChange()
{
    // Everybody has a line of his own, so that one can tell what each text must be.
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        SeededRandom random(seed);
        Desk desk;
        desk.edit(0, 0, 13, "\n\n\n"); // four empty lines
        std::array<std::string, 4> lines;
        std::array<std::string, 4> kept; // as they were when the taking back begins
        std::uint64_t since = 0;
        for (int step = 0; step < 30; ++step) {
            const auto who = static_cast<std::size_t>(random.below(4));
            std::string &line = lines.at(who);
            TextOffset begin = 0;
            for (std::size_t i = 0; i < who; ++i)
                begin += static_cast<TextOffset>(lines.at(i).size()) + 1;
            if (who == 1 && random.below(4) == 0) { // and the one may change his mind
                desk.group.submit(1,
                                  random.below(3) == 0 ? api::Command{api::Redo{desk.doc}}
                                                       : api::Command{api::Undo{desk.doc}});
                desk.group.run(2s);
                std::stringstream text(desk.group.at(1).text(desk.doc).value_or(""));
                for (std::string &now : lines)
                    std::getline(text, now);
                continue;
            }
            const auto at = static_cast<std::size_t>(random.below(line.size() + 1));
            const auto removed = static_cast<std::size_t>(random.below(line.size() - at + 1));
            const std::string word(random.below(6), static_cast<char>('a' + step % 26));
            if (removed == 0 && word.empty())
                continue;
            const bool isFirst = who == 1 && since == 0 && step > 10;
            if (isFirst)
                kept = lines;
            const std::uint64_t seq = desk.edit(who, begin + static_cast<TextOffset>(at),
                                                static_cast<TextOffset>(removed), word);
            line.replace(at, removed, word);
            if (isFirst)
                since = seq;
        }
        if (since == 0)
            continue;
        desk.group.submit(3, api::TakeBack{1, DeviceIndex(1), Seq(since)});
        desk.group.run(5s);
        lines[1] = kept[1];
        desk.expectEverywhere(lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n" + lines[3]);
        if (QTest::currentTestFailed()) {
            qWarning("seed %llu", static_cast<unsigned long long>(seed));
            return;
        }
    }
}

QTEST_APPLESS_MAIN(TakeBackTest)
#include "take_back_test.moc"
