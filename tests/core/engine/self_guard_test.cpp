#include "core/consensus/proposal.h"
#include "core/gossip/message.h"
#include "core/history/change_codec.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using Standing = engine::Engine::Standing;

/// A folder that was copied or restored must not sign for its device: its owner would contradict
/// himself, and be proven to (PROTOCOL C13).
class SelfGuardTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_group = std::make_unique<SmallGroup>(4);
        m_view = 0;
        m_group->guardStarts();
        for (std::size_t i = 0; i < 4; ++i)
            m_group->restart(i);
        m_group->submit(0, api::CreateDocument{1, "t", "one "});
        m_group->run(3s);
        m_doc = m_group->at(0).snapshot().documents.front().doc;
    }
    void cleanup()
    {
        if (!m_group)
            return;
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(m_group->at(i).evidence().empty());
    }

    void placesAgreeOrNot_data()
    {
        const auto row = [](char now, char previous, bool isKept) {
            engine::BootRow result;
            result.now.mark[0] = std::byte(now);
            result.previous[0] = std::byte(previous);
            result.isKept = isKept;
            return std::optional(result);
        };
        const auto mark = [](char now) {
            engine::BootMark result;
            result.mark[0] = std::byte(now);
            return std::optional(result);
        };
        QTest::addColumn<std::optional<engine::BootRow>>("row");
        QTest::addColumn<std::optional<engine::BootMark>>("second");
        QTest::addColumn<bool>("agree");
        const std::optional<engine::BootRow> noRow;
        const std::optional<engine::BootMark> none;
        QTest::newRow("the very first start") << noRow << none << true;
        QTest::newRow("an ordinary start") << row(2, 1, true) << mark(2) << true;
        QTest::newRow("a cut before the second write") << row(2, 1, false) << mark(1) << true;
        QTest::newRow("a cut after the second write") << row(2, 1, false) << mark(2) << true;
        QTest::newRow("a cut in the very first start") << row(1, 0, false) << none << true;
        QTest::newRow("restored, older than any start") << noRow << mark(1) << false;
        QTest::newRow("restored") << row(2, 1, true) << mark(3) << false;
        QTest::newRow("another computer") << row(2, 1, true) << none << false;
        QTest::newRow("another computer, after a cut") << row(2, 1, false) << none << false;
        QTest::newRow("two copies started equally often") << row(2, 1, true) << mark(9) << false;
        QTest::newRow("an original one start behind") << row(2, 1, true) << mark(1) << false;
    }
    void placesAgreeOrNot()
    {
        QFETCH(std::optional<engine::BootRow>, row);
        QFETCH(std::optional<engine::BootMark>, second);
        QTEST(engine::doAgree(row, second), "agree");
        if (row) {
            QVERIFY(engine::BootRow::decode(row->encode()) == row);
        }
    }

    void anOrdinaryStartAsksAndGoesOn()
    {
        m_group->restart(0);
        m_group->run(100ms);
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
        type(0, "two ");
        m_group->run(3s);
        QCOMPARE(text(3), "two one ");
        QVERIFY(m_group->at(0).snapshot().ratified == m_group->at(0).snapshot().changes);
    }

    void aRestoredFolderSignsNothing_data()
    {
        QTest::addColumn<bool>("isElsewhere");    // no second place there
        QTest::addColumn<bool>("isSecondOldToo"); // as when a whole disk was put back
        QTest::newRow("on its computer") << false << false;
        QTest::newRow("on another computer") << true << false;
        QTest::newRow("with its second place") << false << true;
    }
    void aRestoredFolderSignsNothing()
    {
        QFETCH(bool, isElsewhere);
        QFETCH(bool, isSecondOldToo);
        const auto old = m_group->folder(0);
        const auto oldMark = m_group->secondPlace(0);
        if (!isSecondOldToo)
            m_group->restart(0);
        m_group->run(100ms);
        type(0, "two ");
        m_group->run(3s);
        if (isElsewhere)
            m_group->secondPlace(0).reset();
        if (isSecondOldToo)
            m_group->secondPlace(0) = oldMark;
        m_group->startFrom(0, old);
        m_group->subscribe(0);
        (void)m_group->takeEvents(0);
        const std::size_t signedBefore = m_group->folder(0).journal.size();
        type(0, "three "); // typed at once, before anybody answered
        m_group->run(15s);

        QCOMPARE(m_group->at(0).standing(), Standing::Copy);
        QCOMPARE(m_group->folder(0).journal.size(), signedBefore);
        QCOMPARE(text(0), "two one ");        // its own chain came back
        QCOMPARE(shown(0), "three two one "); // and what was typed is not lost
        type(1, "four ");                     // nor in the way of others
        m_group->run(3s);
        QCOMPARE(text(0), "four two one ");
        QVERIFY(shown(0).contains("three ") && shown(0).contains("four "));
        m_group->submit(0, api::CreateDocument{2, "no", "words"});
        m_group->submit(0, api::Propose{1, {}});
        m_group->run(1s);
        QCOMPARE(m_group->at(0).snapshot().documents.size(), std::size_t{1});
        QVERIFY(m_group->at(0).decisions().open.empty());

        m_group->restart(0); // once a copy, always a copy; the draft is on the disk
        m_group->run(1s);
        QCOMPARE(m_group->at(0).standing(), Standing::Copy);
        QCOMPARE(m_group->folder(0).journal.size(), signedBefore);
        QVERIFY(shown(0).contains("three "));
    }

    void nobodyOnlineCostsTenSeconds()
    {
        for (std::size_t other : {1U, 2U, 3U})
            m_group->cut(0, other);
        m_group->restart(0);
        m_group->subscribe(0);
        type(0, "two ");
        m_group->run(9s);
        QCOMPARE(m_group->at(0).standing(), Standing::Starting);
        QCOMPARE(text(0), "one ");
        QCOMPARE(shown(0), "two one ");
        m_group->run(2s);
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
        QCOMPARE(text(0), "two one ");
        QVERIFY(!m_group->at(0).hasDrafts());
        m_group->restart(0);
        QCOMPARE(text(0), "two one "); // signed once, and no draft beside it
        QVERIFY(!m_group->at(0).hasDrafts());
    }

    void whatWaitsForAPenThatEndsIsRefused()
    {
        for (std::size_t other : {1U, 2U, 3U})
            m_group->cut(0, other);
        api::Wish wish;
        wish.kind = api::Wish::Kind::ChangeRole;
        wish.member = MemberIndex(0);
        wish.isReader = true;
        m_group->submit(1, api::Propose{1, wish});
        m_group->run(200ms);
        const Hash id = m_group->at(2).decisions().open.front().id;
        for (std::size_t i : {2U, 3U})
            m_group->submit(i, api::Vote{2, id, true});
        m_group->run(20s);
        m_group->restart(0);
        m_group->subscribe(0);
        type(0, "two ");
        QCOMPARE(shown(0), "two one ");
        (void)m_group->takeEvents(0);
        for (std::size_t other : {1U, 2U, 3U})
            m_group->join(0, other);
        m_group->run(12s);
        QCOMPARE(m_group->at(0).configuration().epoch, Epoch(1));
        const auto isRefusal = [](const api::Event &event) {
            const auto *trouble = std::get_if<api::Trouble>(&event);
            return trouble != nullptr && trouble->kind == api::Trouble::Kind::MayNotWrite;
        };
        QVERIFY(std::ranges::any_of(m_group->takeEvents(0), isRefusal));
        QVERIFY(!m_group->at(0).hasDrafts());
        QCOMPARE(shown(0), text(0)); // nothing is drawn that will never be
    }

    void aPowerCutWhileItAsksLosesNothing()
    {
        for (std::size_t other : {1U, 2U, 3U})
            m_group->cut(0, other);
        m_group->restart(0);
        type(0, "two ");
        m_group->step(0, engine::Persisted{}); // the draft's row is on its way
        const auto folder = m_group->folder(0);
        m_group->startFrom(0, folder);
        m_group->run(11s);
        QCOMPARE(text(0), "two one ");
    }

    void nobodyTalksItIntoBeingACopy()
    {
        m_group->restart(0);
        const PeerId liar = m_group->sessionWith(0, 3);
        const auto &graph = m_group->at(3).graph();
        QVERIFY(graph.size() > 0);
        Bytes altered;
        for (const store::ChangeRow &row : m_group->folder(3).changes)
            if (row.device == m_group->at(0).me())
                altered = row.record;
        QVERIFY(!altered.empty());
        altered.back() ^= std::byte{1}; // in the payload: the signature still holds
        for (const Bytes &change : {altered, Bytes(20, std::byte{7})}) {
            const gossip::Own lie{m_group->at(0).me(), change, Bytes(110, std::byte{1})};
            m_group->step(0,
                          engine::FrameIn{liar, static_cast<std::uint8_t>(gossip::Kind::Own),
                                          gossip::encode(lie)});
        }
        m_group->run(1s);
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
    }

    void aCloneIsNoticedLater()
    {
        // Both places were copied and nobody knew more: it starts as if it were the one.
        const auto old = m_group->folder(0);
        const auto mark = m_group->secondPlace(0);
        type(0, "two ");
        m_group->run(3s);
        std::vector<store::ChangeRow> news = m_group->folder(0).changes;
        for (std::size_t other : {1U, 2U, 3U})
            m_group->cut(0, other);
        m_group->secondPlace(0) = mark;
        m_group->startFrom(0, old);
        m_group->run(11s);
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
        for (std::size_t other : {1U, 2U, 3U})
            m_group->join(0, other);
        m_group->run(2s);
        QCOMPARE(m_group->at(0).standing(), Standing::Copy);
        QCOMPARE(text(0), "two one ");
    }

    void aVoteOrAReportIsALastWordToo_data()
    {
        QTest::addColumn<bool>("isDecided");
        QTest::newRow("while the epoch is open") << false;
        QTest::newRow("in epochs that the old disk knows nothing of") << true;
    }
    /// A whole disk is put back that lacks what was said about decisions, and nothing else.
    void aVoteOrAReportIsALastWordToo()
    {
        QFETCH(bool, isDecided);
        m_group->run(3s);
        const auto old = m_group->folder(0);
        const auto mark = m_group->secondPlace(0);
        if (!isDecided) { // too few for a decision: what 0 says stays open
            m_group->cut(0, 3);
            m_group->cut(1, 3);
            m_group->cut(2, 3);
        }
        m_group->submit(1, api::Propose{1, {}});
        m_group->run(200ms);
        const Hash wish = m_group->at(0).decisions().open.front().id;
        for (std::size_t i : {0U, 2U})
            m_group->submit(i, api::Vote{2, wish, true});
        m_group->run(isDecided ? Millis(10'000) : Millis(700));
        const auto before = m_group->folder(0).journal;
        QVERIFY(before.size() > old.journal.size());
        m_group->secondPlace(0) = mark;
        m_group->startFrom(0, old);
        type(0, "three ");
        m_group->run(20s);
        for (const store::JournalRow &row : m_group->folder(0).journal) {
            const auto same = std::ranges::find_if(before, [&row](const store::JournalRow &b) {
                return b.plane == row.plane && b.epoch == row.epoch && b.round == row.round
                    && b.phase == row.phase;
            });
            QVERIFY(same == before.end() || same->bytes == row.bytes);
        }
        if (!isDecided) {
            QCOMPARE(m_group->at(0).standing(), Standing::Copy);
        }
    }

    void goesOnWithAKeyOfItsOwn()
    {
        const auto old = m_group->folder(0);
        type(0, "two ");
        m_group->run(3s);
        m_group->secondPlace(0).reset();
        m_group->startFrom(0, old);
        m_group->subscribe(0);
        type(0, "three ");
        m_group->run(3s);
        QCOMPARE(m_group->at(0).standing(), Standing::Copy);
        const DeviceIndex before = m_group->at(0).me();

        m_group->step(0, continuing());
        m_group->run(10s);
        QCOMPARE(m_group->at(1).configuration().epoch, Epoch(1));
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
        const DeviceIndex now = m_group->at(0).me();
        QVERIFY(now != before && m_group->at(0).configuration().seatOf(now));
        const auto &devices = m_group->at(2).configuration().devices;
        QVERIFY(devices[before.value].penEnd && devices[now.value].mayWrite);
        QCOMPARE(devices[now.value].member, devices[before.value].member);
        QCOMPARE(text(2), "three two one "); // the draft, signed by the new key

        type(0, "four ");
        m_group->run(3s);
        m_group->restart(0);
        m_group->run(1s);
        QCOMPARE(m_group->at(0).standing(), Standing::Ready);
        type(0, "five ");
        m_group->run(3s);
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(text(i), "five four three two one ");
            QCOMPARE(m_group->at(i).snapshot().ratified, m_group->at(i).snapshot().changes);
        }
    }

    void aFolderCopiedBeforeTheDecisionMayNotUseTheNewKey()
    {
        const auto old = m_group->folder(0);
        m_group->secondPlace(0).reset();
        m_group->startFrom(0, old);
        m_group->run(1s);
        for (std::size_t other : {1U, 2U, 3U})
            m_group->cut(0, other);
        m_group->step(0, continuing());
        const auto pending = m_group->folder(0);
        m_group->restart(0); // the original of that copy goes on
        for (std::size_t other : {1U, 2U, 3U})
            m_group->join(0, other);
        m_group->startFrom(0, pending);
        m_group->run(10s);
        QCOMPARE(m_group->at(0).configuration().epoch, Epoch(1)); // decided, and its key is in
        QCOMPARE(m_group->at(0).standing(), Standing::Copy);
    }

private:
    [[nodiscard]] engine::Event continuing()
    {
        SystemRandom random;
        const identity::Ed25519 scheme;
        const auto &configuration = m_group->at(0).configuration();
        auto device = identity::SecretKey::generate(random);
        const identity::SecretKey &person = m_group->identity(0);
        consensus::Proposal proposal;
        proposal.lastEpoch = Epoch(8);
        proposal.author = configuration.devices[m_group->at(0).me().value].member;
        proposal.wish = consensus::MoveSeat{
            device.publicKey(), identity::certifyDevice(scheme, person, device.publicKey())};
        proposal = consensus::signProposal(scheme, person, configuration.workspace, proposal);
        return engine::ContinueAs{std::move(device), proposal.encode()};
    }
    void type(std::size_t i, std::string_view words)
    {
        const std::uint64_t view = ++m_view;
        m_group->submit(i, api::OpenDocument{m_doc, view});
        m_group->submit(i, api::EditText{m_doc, view, 0, 1, {{0, 0, std::string(words)}}});
        m_group->submit(i, api::Flush{});
        m_group->submit(i, api::CloseDocument{m_doc, view});
    }
    /// As the history has it, and as a view shows it.
    [[nodiscard]] std::string text(std::size_t i)
    {
        return m_group->at(i).text(m_doc).value_or("?");
    }
    [[nodiscard]] std::string shown(std::size_t i)
    {
        m_group->subscribe(i);
        (void)m_group->takeEvents(i);
        m_group->submit(i, api::OpenDocument{m_doc, ++m_view});
        for (const api::Event &event : m_group->takeEvents(i))
            if (const auto *opened = std::get_if<api::DocumentOpened>(&event))
                return opened->text;
        return "?";
    }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
    std::uint64_t m_view = 0;
};

QTEST_GUILESS_MAIN(SelfGuardTest)
#include "self_guard_test.moc"
