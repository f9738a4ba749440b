#include "core/consensus/close.h"
#include "core/consensus/proposal.h"
#include "core/engine/own_wishes.h"
#include "core/gossip/message.h"
#include "core/identity/recovery_words.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

/// One person, several devices, one seat: companions write in the name of their person, never vote
/// nor acknowledge, and giving one up stops only that one.
class DevicesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_view = 0;
        m_group = std::make_unique<SmallGroup>(4);
        m_group->run(300ms);
        m_group->submit(0, api::CreateDocument{1, "t", "one "});
        m_group->run(3s);
        m_doc = m_group->at(0).snapshot().documents.front().doc;
    }

    void aCompanionWritesAndHasNoSeat();
    void nobodyHasToVoteOnACompanion();
    void aRevokedDeviceStopsAlone();
    void theOldKeyOfARenewedFolderIsGivenUp();
    void aRestoredCompanionGoesOn();
    void aLostSeatComesBackByWords();
    void nobodyEndsEpochsForEver();
    void nobodyIsFollowedForItsOwnWish();
    void nobodyRevokesForOthers();
    void theViewIsTold();

private:
    void type(std::size_t i, std::string_view words)
    {
        const std::uint64_t view = ++m_view;
        m_group->submit(i, api::OpenDocument{m_doc, view});
        m_group->submit(i, api::EditText{m_doc, view, 0, 1, {{0, 0, std::string(words)}}});
        m_group->submit(i, api::Flush{});
        m_group->submit(i, api::CloseDocument{m_doc, view});
    }
    [[nodiscard]] std::string text(std::size_t i)
    {
        return m_group->at(i).text(m_doc).value_or("?");
    }
    /// A second computer of the first person: admitted, and it has everything.
    std::size_t link()
    {
        const auto &now = m_group->at(0).configuration();
        const std::size_t companion = m_group->addCompanion(0, {now.epoch, now.decision});
        m_group->submit(0, api::Propose{1, m_group->admission(companion)});
        const Hash id = m_group->at(0).lastAnswer().proposal;
        m_group->run(200ms);
        for (const std::size_t other : {1, 2})
            m_group->submit(other, api::Vote{1, id, true});
        m_group->run(20s);
        for (std::size_t other = 0; other < companion; ++other)
            m_group->join(companion, other);
        m_group->run(10s);
        return companion;
    }
    /// In the name of a person.
    [[nodiscard]] Bytes signedBy(std::size_t person, MemberIndex author, consensus::Wish wish)
    {
        return signedWith(m_group->identity(person), author, std::move(wish));
    }
    [[nodiscard]] Bytes signedWith(const identity::SecretKey &key, MemberIndex author,
                                   consensus::Wish wish)
    {
        const auto &now = m_group->at(0).configuration();
        consensus::Proposal proposal;
        proposal.nonce[0] = std::byte(++m_nonce);
        proposal.lastEpoch = Epoch(now.epoch.value + 8);
        proposal.author = author;
        proposal.wish = std::move(wish);
        return consensus::signProposal(identity::Ed25519{}, key, now.workspace, std::move(proposal))
            .encode();
    }
    void revoke(std::size_t at, DeviceIndex device)
    {
        const MemberIndex mine = m_group->at(at).myDevice()->member;
        m_group->step(at,
                      engine::ProposalSigned{signedBy(0, mine, consensus::RemoveDevice{device})});
        m_group->run(20s);
    }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
    std::uint64_t m_view = 0;
    std::uint8_t m_nonce = 0;
};

void DevicesTest::aCompanionWritesAndHasNoSeat()
{
    const std::size_t companion = link();
    const auto &now = m_group->at(1).configuration();
    QCOMPARE(now.seats.size(), std::size_t(4));
    QCOMPARE(now.members.size(), std::size_t(4));
    QCOMPARE(text(companion), std::string("one "));
    type(companion, "two ");
    m_group->run(5s);
    for (std::size_t i = 0; i <= companion; ++i) {
        QCOMPARE(text(i), std::string("two one "));
        const auto snapshot = m_group->at(i).snapshot();
        QCOMPARE(snapshot.ratified, snapshot.changes);
    }
    const auto blame = m_group->at(1).blame(m_doc);
    QVERIFY(!blame.empty());
    QCOMPARE(now.memberOf(blame.front().author)->name, std::string("Person 0"));
    QVERIFY(blame.front().author != m_group->at(0).me()); // by a chain of its own

    // With two seats away it makes no third: neither its ack nor its yes counts.
    for (std::size_t i = 0; i <= companion; ++i)
        for (const std::size_t away : {std::size_t(2), std::size_t(3)})
            if (i != away)
                m_group->cut(i, away);
    type(companion, "pencil ");
    m_group->submit(companion, api::Propose{7, {}}); // a new key
    const Hash id = m_group->at(companion).lastAnswer().proposal;
    m_group->run(1s);
    m_group->submit(companion, api::Vote{8, id, true});
    QCOMPARE(m_group->at(companion).lastAnswer().refused, std::optional(Code::E_NOT_MEMBER));
    for (const std::size_t i : {0, 1})
        m_group->submit(i, api::Vote{9, id, true});
    m_group->run(20s);
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(1));
    QVERIFY(m_group->at(1).snapshot().ratified < m_group->at(1).snapshot().changes);
}

void DevicesTest::nobodyHasToVoteOnACompanion()
{
    const auto &now = m_group->at(0).configuration();
    const engine::Anchor anchor{now.epoch, now.decision};
    const MemberIndex mine = m_group->at(0).myDevice()->member;
    const auto admit = [&](std::size_t newcomer) {
        const api::Wish wish = m_group->admission(newcomer);
        return consensus::Admit{wish.identity, wish.name, wish.key, wish.certificate};
    };
    // A stranger whom a member asks for with its own key is voted on like any other.
    const std::size_t stranger = m_group->addNewcomer(anchor);
    m_group->step(0, engine::ProposalSigned{signedBy(0, mine, admit(stranger))});
    // So is somebody else's computer; that of the member itself is not.
    const std::size_t other = m_group->addCompanion(1, anchor);
    m_group->step(0, engine::ProposalSigned{signedBy(0, mine, admit(other))});
    m_group->run(10s);
    QCOMPARE(m_group->at(2).configuration().epoch, Epoch(0));
    QCOMPARE(m_group->at(2).decisions().open.size(), std::size_t(2));
    const std::size_t own = m_group->addCompanion(0, anchor);
    m_group->step(0, engine::ProposalSigned{signedBy(0, mine, admit(own))});
    m_group->run(20s);
    QCOMPARE(m_group->at(2).configuration().epoch, Epoch(1));
    QCOMPARE(m_group->at(2).configuration().devices.size(), std::size_t(5));
    QCOMPARE(m_group->at(2).configuration().seats.size(), std::size_t(4));
}

void DevicesTest::aRevokedDeviceStopsAlone()
{
    const std::size_t companion = link();
    const DeviceIndex lost = m_group->at(companion).me();
    type(companion, "two ");
    m_group->run(5s);
    revoke(0, lost); // nobody has to say yes to that
    for (std::size_t i = 0; i < 4; ++i) {
        const auto &now = m_group->at(i).configuration();
        QCOMPARE(now.epoch, Epoch(2));
        QCOMPARE(now.keyEpoch, KeyEpoch(1)); // it reads no further
        QCOMPARE(now.seats.size(), std::size_t(4));
        QVERIFY(!now.devices[lost.value].mayRead && now.devices[lost.value].penEnd);
    }
    type(0, "three ");
    type(companion, "late ");
    m_group->run(10s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(text(i), std::string("three two one ")); // what it wrote before stays
        const auto snapshot = m_group->at(i).snapshot();
        QCOMPARE(snapshot.ratified, snapshot.changes);
        QVERIFY(m_group->at(i).evidence().empty());
    }
    QVERIFY(text(companion).find("three") == std::string::npos);
}

void DevicesTest::theOldKeyOfARenewedFolderIsGivenUp()
{
    m_group->guardStarts();
    for (std::size_t i = 0; i < 4; ++i)
        m_group->restart(i);
    m_group->run(1s);
    const auto old = m_group->folder(0);
    type(0, "two ");
    m_group->run(3s);
    m_group->secondPlace(0).reset();
    m_group->startFrom(0, old);
    m_group->run(3s);
    QCOMPARE(m_group->at(0).standing(), engine::Engine::Standing::Copy);
    const DeviceIndex before = m_group->at(0).me();
    const MemberIndex mine = m_group->at(0).myDevice()->member;
    SeededRandom random(5);
    auto device = identity::SecretKey::generate(random);
    const consensus::MoveSeat move{
        device.publicKey(),
        identity::certifyDevice(identity::Ed25519{}, m_group->identity(0), device.publicKey())};
    m_group->step(0, engine::ContinueAs{device.clone(), signedBy(0, mine, move)});
    m_group->run(10s);
    QCOMPARE(m_group->at(0).standing(), engine::Engine::Standing::Ready);

    // Others meet it by the new key from its next start on; only then the old one can go.
    m_group->reconnectAs(0, device.clone());
    m_group->run(2s);
    revoke(0, before);
    QVERIFY(!m_group->at(2).configuration().devices[before.value].mayRead);
    type(0, "three ");
    type(1, "four ");
    m_group->run(5s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(text(i), text(0));
        QVERIFY(text(i).contains("three ") && text(i).contains("four "));
        QCOMPARE(m_group->at(i).configuration().keyEpoch, KeyEpoch(1));
    }
    m_group->restart(0);
    m_group->run(3s);
    QCOMPARE(m_group->at(0).standing(), engine::Engine::Standing::Ready);
    type(0, "five ");
    m_group->run(3s);
    QCOMPARE(text(3), text(0));
}

// It has not its person's key: another computer of the person asks for it.
void DevicesTest::aRestoredCompanionGoesOn()
{
    const std::size_t companion = link();
    m_group->guardStarts();
    m_group->restart(companion);
    m_group->run(2s);
    const auto old = m_group->folder(companion);
    type(companion, "two ");
    m_group->run(3s);
    m_group->secondPlace(companion).reset();
    m_group->startFrom(companion, old);
    m_group->run(3s);
    QCOMPARE(m_group->at(companion).standing(), engine::Engine::Standing::Copy);
    type(companion, "draft ");
    SeededRandom random(7);
    auto device = identity::SecretKey::generate(random);
    m_group->step(companion, engine::ContinueAs{device.clone(), {}});
    m_group->run(10s);
    QCOMPARE(m_group->at(companion).standing(), engine::Engine::Standing::Copy); // nobody asked yet
    const auto &me = *m_group->at(0).configuration().memberOf(m_group->at(0).me());
    const consensus::Admit admit{
        me.identity, me.name, device.publicKey(),
        identity::certifyDevice(identity::Ed25519{}, m_group->identity(0), device.publicKey())};
    m_group->step(0, engine::ProposalSigned{signedBy(0, m_group->at(0).myDevice()->member, admit)});
    m_group->run(20s);
    QCOMPARE(m_group->at(companion).standing(), engine::Engine::Standing::Ready);
    m_group->run(5s);
    for (std::size_t i = 0; i <= companion; ++i) {
        QVERIFY(text(i).contains("draft ") && text(i).contains("two "));
        QCOMPARE(text(i), text(0));
    }
    QCOMPARE(m_group->at(1).configuration().seats.size(), std::size_t(4));
}

// PROTOCOL C7: the computer that votes is gone, and its person has the key on paper.
void DevicesTest::aLostSeatComesBackByWords()
{
    type(3, "three ");
    m_group->run(5s);
    const MemberIndex lost = m_group->at(3).myDevice()->member;
    const std::string words = identity::recoveryWords(m_group->identity(3));
    for (std::size_t i = 0; i < 3; ++i)
        m_group->cut(i, 3);
    const auto key = identity::keyFromWords(words);
    QVERIFY(key && key->publicKey() == m_group->identity(3).publicKey());
    const auto &now = m_group->at(0).configuration();
    const std::size_t fresh = m_group->addCompanion(3, {now.epoch, now.decision});
    const api::Wish asked = m_group->admission(fresh);
    const consensus::MoveSeat move{asked.key, asked.certificate};
    // Whoever has other words is not this person.
    for (const std::size_t other : {1, 2})
        m_group->step(0, engine::ProposalSigned{signedBy(other, lost, move)});
    m_group->run(20s);
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(0));
    QVERIFY(m_group->at(1).decisions().open.empty());
    // Any member brings the person's word, and nobody votes on it.
    m_group->step(1, engine::ProposalSigned{signedWith(*key, lost, move)});
    m_group->run(20s);
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(m_group->at(i).configuration().epoch, Epoch(1));
        QCOMPARE(m_group->at(i).configuration().seats.size(), std::size_t(4));
        m_group->join(fresh, i);
    }
    m_group->run(10s);
    QCOMPARE(text(fresh), std::string("three one "));
    m_group->cut(0, 1); // its ack is the third of three
    m_group->cut(0, 2);
    m_group->cut(0, fresh);
    type(fresh, "back ");
    m_group->run(5s);
    for (const std::size_t i : {std::size_t(1), std::size_t(2), fresh}) {
        QCOMPARE(text(i), std::string("back three one "));
        QCOMPARE(m_group->at(i).snapshot().ratified, m_group->at(i).snapshot().changes);
    }
    // The old computer comes back: it reads, and what it writes is nobody's.
    type(3, "late ");
    m_group->join(3, 1);
    m_group->run(20s);
    QVERIFY(!m_group->at(3).myDevice()->mayWrite && m_group->at(3).myDevice()->penEnd);
    type(3, "later ");
    m_group->run(5s);
    for (const std::size_t i : {std::size_t(1), std::size_t(2), std::size_t(3), fresh})
        QCOMPARE(text(i), std::string("back three one "));
}

// PROTOCOL B, rotation abuse: by its own word alone a member moves its seat, and moves it again.
/// It has its seat's key as well, and says that the epoch is over for its seat.
void DevicesTest::nobodyIsFollowedForItsOwnWish()
{
    constexpr Millis kDay = 10min;
    m_group->setDay(kDay);
    for (std::size_t i = 0; i < 4; ++i)
        m_group->restart(i);
    m_group->run(3s);
    const MemberIndex rover = m_group->at(3).myDevice()->member;
    SeededRandom random(9);
    std::optional<identity::SecretKey> key;
    for (std::uint32_t epoch = 1; epoch <= 4; ++epoch) {
        auto next = identity::SecretKey::generate(random);
        const consensus::MoveSeat wish{
            next.publicKey(),
            identity::certifyDevice(identity::Ed25519{}, m_group->identity(3), next.publicKey())};
        m_group->step(0, engine::ProposalSigned{signedBy(3, rover, wish)});
        m_group->run(20s);
        QCOMPARE(m_group->at(1).configuration().epoch, Epoch(std::min(epoch, 3U)));
        if (epoch <= 3)
            key = std::move(next);
    }
    const identity::Configuration now = m_group->at(1).configuration();
    const auto seat = now.seatOf(*now.indexOf(key->publicKey()));
    QVERIFY(seat.has_value());
    const gossip::Message close = gossip::ControlRecords{
        {{gossip::ControlKind::Close,
          consensus::signClose(identity::Ed25519{}, *key, now, *seat, 0, {}).encode()}}};
    for (const std::size_t i : {0, 1, 2})
        m_group->step(i,
                      engine::FrameIn{m_group->sessionWith(i, (i + 1) % 3),
                                      static_cast<std::uint8_t>(gossip::kindOf(close)),
                                      gossip::encode(close)});
    m_group->run(kDay / engine::OwnWishes::kFollowPart * 4);
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(3));
    m_group->run(kDay); // then it is reason enough
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(4));
}

void DevicesTest::nobodyEndsEpochsForEver()
{
    constexpr Millis kDay = 10min;
    m_group->setDay(kDay);
    for (std::size_t i = 0; i < 4; ++i)
        m_group->restart(i);
    m_group->run(3s);
    const MemberIndex rover = m_group->at(3).myDevice()->member;
    SeededRandom random(9);
    const auto move = [&] {
        const PublicKey next = identity::SecretKey::generate(random).publicKey();
        const consensus::MoveSeat wish{
            next, identity::certifyDevice(identity::Ed25519{}, m_group->identity(3), next)};
        m_group->step(0, engine::ProposalSigned{signedBy(3, rover, wish)});
        m_group->run(30s);
    };
    for (std::uint32_t epoch = 1; epoch <= 3; ++epoch) {
        move();
        QCOMPARE(m_group->at(1).configuration().epoch, Epoch(epoch));
    }
    move();
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(3));
    // Nobody else waits for that, and it goes along.
    m_group->submit(0, api::Propose{1, {}}); // a new key
    const Hash id = m_group->at(0).lastAnswer().proposal;
    m_group->run(200ms);
    for (const std::size_t other : {1, 2})
        m_group->submit(other, api::Vote{2, id, true});
    m_group->run(30s);
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(4));
    const auto wishes = m_group->at(1).decisions().made.front().wishes;
    QCOMPARE(std::ranges::count_if(wishes,
                                   [](const api::Wish &wish) {
                                       return wish.kind
                                           != api::Wish::Kind::TurnKey; // they ride along
                                   }),
             2);
    // A day later it is reason enough by itself.
    move();
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(4));
    m_group->run(kDay);
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(5));
    QCOMPARE(m_group->at(1).configuration().decision, m_group->at(2).configuration().decision);
}

void DevicesTest::nobodyRevokesForOthers()
{
    const DeviceIndex victim = m_group->at(1).me();
    const MemberIndex mine = m_group->at(0).myDevice()->member;
    const MemberIndex theirs = m_group->at(1).myDevice()->member;
    // In one's own name it is a wish like any other; in another's name the signature is wrong.
    revoke(0, victim);
    QCOMPARE(m_group->at(2).configuration().epoch, Epoch(0));
    QCOMPARE(m_group->at(2).decisions().open.size(), std::size_t(1));
    QCOMPARE(m_group->at(2).decisions().open.front().needed, std::uint16_t(3));
    m_group->step(0, engine::ProposalSigned{signedBy(0, theirs, consensus::RemoveDevice{victim})});
    m_group->run(5s);
    QCOMPARE(m_group->at(2).decisions().open.size(), std::size_t(1));
    QCOMPARE(m_group->at(0).decisions().open.size(), std::size_t(1));
    QVERIFY(mine != theirs);
}

void DevicesTest::theViewIsTold()
{
    m_group->subscribe(0);
    (void)m_group->takeEvents(0);
    const std::size_t companion = link();
    const auto newest = [&]() -> std::vector<api::DeviceInfo> {
        std::vector<api::DeviceInfo> all;
        for (const api::Event &event : m_group->takeEvents(0))
            if (const auto *news = std::get_if<api::DevicesChanged>(&event))
                all = news->devices;
        return all;
    };
    auto all = newest();
    QCOMPARE(all.size(), std::size_t(5));
    QVERIFY(all[0].isHere && all[0].isMine && all[0].hasSeat);
    QVERIFY(all[4].isMine && !all[4].isHere && !all[4].hasSeat && all[4].mayWrite);
    QVERIFY(!all[1].isMine);
    revoke(0, m_group->at(companion).me());
    all = newest();
    QCOMPARE(all.size(), std::size_t(5));
    QVERIFY(!all[4].mayRead && !all[4].mayWrite);
    QVERIFY(all == m_group->at(0).devices());
}

QTEST_GUILESS_MAIN(DevicesTest)
#include "devices_test.moc"
