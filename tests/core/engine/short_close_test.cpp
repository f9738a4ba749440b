// Reports travel short, and whole where that does not suffice (PROTOCOL C8; close_courier.h).

#include "core/consensus/short_close.h"
#include "core/engine/close_courier.h"
#include "tests/core/engine/hostile_seat.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::testing;
using gossip::ControlKind;

namespace {

/// What passes between the members.
struct Wire {
    std::size_t shorts = 0;
    std::size_t wholes = 0;
    std::map<std::size_t, std::map<Hash, std::size_t>> asked; ///< by whom, what, how often

    void see(std::size_t from, std::uint8_t kind, const Bytes &body)
    {
        const auto message = gossip::decode(kind, body);
        if (!message)
            return;
        if (const auto *pull = std::get_if<gossip::PullControl>(&*message))
            for (const Hash &hash : pull->hashes)
                ++asked[from][hash];
        if (const auto *records = std::get_if<gossip::ControlRecords>(&*message))
            for (const auto &record : records->records) {
                shorts += record.kind == ControlKind::ShortClose ? 1 : 0;
                wholes += record.kind == ControlKind::Close ? 1 : 0;
            }
    }
};

bool isAbout(std::uint8_t kind, gossip::Kind what)
{
    return kind == static_cast<std::uint8_t>(what);
}

/// Whether the frame brings such a record.
bool brings(std::uint8_t kind, const Bytes &body, ControlKind what)
{
    const auto message = gossip::decode(kind, body);
    const auto *records = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
    return records != nullptr && std::ranges::any_of(records->records, [what](const auto &record) {
               return record.kind == what;
           });
}

bool holdsReport(std::uint8_t kind, const Bytes &body)
{
    return brings(kind, body, ControlKind::ShortClose) || brings(kind, body, ControlKind::Close);
}

/// Everybody types, so that everybody's frontier speaks of all.
void everybodyWrites(SmallGroup &group, std::uint64_t &requests)
{
    for (std::size_t i = 0; i < group.size(); ++i) {
        group.subscribe(i);
        group.submit(i, api::CreateDocument{++requests, "Notes " + std::to_string(requests), "x"});
    }
    group.run(5s);
}

Hash ask(SmallGroup &group, std::uint64_t &requests)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::SetPolicy;
    wish.text = "Rule " + std::to_string(++requests);
    group.submit(0, api::Propose{requests, wish});
    group.run(200ms);
    return group.at(0).lastAnswer().proposal;
}

void decide(SmallGroup &group, std::uint64_t &requests)
{
    const Hash id = ask(group, requests);
    for (std::size_t i = 1; i < group.size(); ++i)
        group.submit(i, api::Vote{++requests, id, true});
    group.run(20s);
}

/// Four members of whom the first wrote something that it gave to nobody, and heard no acks: no
/// frontier that it holds is anybody's. What it is told of reports is held back, until it is let.
struct Apart {
    explicit Apart(bool mayHearReports, bool mayHearOfAcks = false)
        : mayHear(mayHearReports)
        , mayHearAcks(mayHearOfAcks)
    {
        std::uint64_t requests = 0;
        everybodyWrites(seat.group, requests);
        seat.group.setFilter([this](std::size_t from, std::size_t to, std::uint8_t kind,
                                    const Bytes &body) { return passes(from, to, kind, body); });
        seat.group.submit(0, api::CreateDocument{++seat.requests, "Mine", "of my own"});
        seat.group.run(1s);
        // News that the others share, so that their roots are none of those acknowledged before.
        seat.group.submit(1, api::CreateDocument{++seat.requests, "Theirs", "of all"});
        seat.group.run(3s);
    }

    bool passes(std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body)
    {
        if (from == 0)
            lastTold.emplace_back(kind, body);
        const bool isAck = isAbout(kind, gossip::Kind::Ack) || isAbout(kind, gossip::Kind::Acks)
            || isAbout(kind, gossip::Kind::AckNumbers);
        if (to == 0 && isAck && !mayHearAcks)
            return false;
        if (from == 0
            && (isAbout(kind, gossip::Kind::Push) || isAbout(kind, gossip::Kind::Changes)
                || isAbout(kind, gossip::Kind::Ack) || isAbout(kind, gossip::Kind::Acks)
                || isAbout(kind, gossip::Kind::Summary)))
            return false;
        if (to == 0 && holdsReport(kind, body) && (!mayHear || (isMaloryMute && from == kMalory)))
            return false;
        if (brings(kind, body, ControlKind::Vote))
            return false; // the epoch stays open
        wire.see(from, kind, body);
        return true;
    }

    /// Without the first, of whom nothing can be had.
    void othersAgree()
    {
        const Hash id = ask(seat.group, seat.requests);
        for (std::size_t i = 1; i < 4; ++i)
            seat.group.submit(i, api::Vote{++seat.requests, id, true});
        seat.group.run(300ms);
    }

    Wire wire;
    bool mayHear = false;
    bool mayHearAcks = false;
    bool isMaloryMute = false;
    std::vector<std::pair<std::uint8_t, Bytes>> lastTold; ///< by the first
    HostileSeat seat;
};

ShortClose misleading(const Close &close)
{
    ShortClose told = shortened(close, close.frontier);
    told.entries = {{DeviceIndex(1), Seq(77), named(7)}};
    return told;
}

void tell(HostileSeat &seat, std::size_t victim, const ShortClose &close)
{
    seat.tell(victim, gossip::ControlRecords{{{ControlKind::ShortClose, close.encode()}}});
}

} // namespace

class ShortCloseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nobodyNeedsMore_data();
    void nobodyNeedsMore();
    void whoLacksTheFrontierAsksOnce();
    void anAckOfItsRootIsEnough();
    void whoHasNoAckTellsTheEntries();
    void entriesThatLeadNowhereBlameNobody();
    void aForgedRootEndsTheSession();
    void anyRootIsNotAskedForForEver();
    void twoOfASeatAreProven_data();
    void twoOfASeatAreProven();
    void lateOnesAreFetched();
    void anOldCopyHearsItsOwnWord_data();
    void anOldCopyHearsItsOwnWord();
};

void ShortCloseTest::nobodyNeedsMore_data()
{
    QTest::addColumn<std::size_t>("members");
    for (const std::size_t members : {1, 2, 3, 4, 7})
        QTest::addRow("%zu members", members) << members;
}

/// In the first epoch, in the one that begins at a closing frontier, and in one in which nobody
/// wrote: only short ones pass, and nobody asks.
void ShortCloseTest::nobodyNeedsMore()
{
    QFETCH(std::size_t, members);
    SmallGroup group(members);
    Wire wire;
    group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        wire.see(from, kind, body);
        return true;
    });
    group.run(300ms);
    std::uint64_t requests = 0;
    for (const std::uint32_t epoch : {1U, 2U, 3U}) {
        if (epoch < 3)
            everybodyWrites(group, requests);
        const std::size_t before = wire.shorts;
        decide(group, requests);
        for (std::size_t i = 0; i < members; ++i)
            QCOMPARE(group.at(i).configuration().epoch, Epoch(epoch));
        QCOMPARE(wire.shorts - before, members * (members - 1));
        QCOMPARE(wire.wholes, std::size_t(0));
    }
}

void ShortCloseTest::whoLacksTheFrontierAsksOnce()
{
    Apart apart(true);
    apart.othersAgree();
    apart.seat.group.run(3s);
    const auto held = reportsOf(apart.seat.group, 0);
    const auto theirs = reportsOf(apart.seat.group, 1);
    QVERIFY(theirs.size() >= 3);
    for (const std::uint16_t seat : {std::uint16_t(1), std::uint16_t(2), std::uint16_t(3)}) {
        const Close &report = theirs.at(SeatIndex(seat));
        QVERIFY(held.contains(SeatIndex(seat)) && held.at(SeatIndex(seat)) == report);
        QCOMPARE(apart.wire.asked[0][report.hash()], std::size_t(1));
    }
    QVERIFY(apart.seat.group.cuts(0).empty());
}

void ShortCloseTest::anAckOfItsRootIsEnough()
{
    Apart apart(true, true);
    apart.othersAgree();
    apart.seat.group.run(3s);
    const auto held = reportsOf(apart.seat.group, 0);
    for (const std::uint16_t seat : {std::uint16_t(1), std::uint16_t(2), std::uint16_t(3)}) {
        QVERIFY(held.contains(SeatIndex(seat)));
        QVERIFY(!apart.wire.asked[0].contains(held.at(SeatIndex(seat)).hash()));
    }
}

/// Whoever passes a report on without an ack of its root says in what it differs from the frontier
/// with which the epoch began: that is enough for everybody in it.
void ShortCloseTest::whoHasNoAckTellsTheEntries()
{
    Apart apart(true);
    apart.othersAgree();
    apart.seat.group.run(3s);
    apart.lastTold.clear();
    gossip::ControlSummary nothing;
    nothing.isReply = true;
    apart.seat.tell(0, nothing);
    apart.seat.group.run(100ms);
    const auto held = reportsOf(apart.seat.group, 0);
    std::size_t told = 0;
    for (const auto &[kind, body] : apart.lastTold) {
        const auto message = gossip::decode(kind, body);
        const auto *records = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
        if (records == nullptr)
            continue;
        for (const auto &record : records->records) {
            const auto close = ShortClose::decode(record.bytes);
            if (record.kind != ControlKind::ShortClose || !close || close->seat == SeatIndex(0))
                continue;
            QVERIFY(!close->entries.empty());
            QVERIFY(close->whole({}) == held.at(close->seat));
            ++told;
        }
    }
    QCOMPARE(told, std::size_t(3));
}

/// Malory's lie comes first, and it never gives the whole: somebody else does.
void ShortCloseTest::entriesThatLeadNowhereBlameNobody()
{
    Apart apart(false);
    apart.othersAgree();
    const Close report = reportsOf(apart.seat.group, 1).at(SeatIndex(1));
    QVERIFY(!reportsOf(apart.seat.group, 0).contains(SeatIndex(1)));
    apart.isMaloryMute = true;
    tell(apart.seat, 0, misleading(report));
    apart.seat.group.run(100ms);
    QCOMPARE(apart.wire.asked[0][report.hash()], std::size_t(1));
    apart.mayHear = true;
    apart.seat.group.run(3s);
    const auto held = reportsOf(apart.seat.group, 0);
    QVERIFY(held.contains(SeatIndex(1)) && held.at(SeatIndex(1)) == report);
    QVERIFY(apart.seat.group.cuts(0).empty());
    QVERIFY(apart.seat.group.at(0).evidence().empty());
}

void ShortCloseTest::aForgedRootEndsTheSession()
{
    Apart apart(false);
    apart.othersAgree();
    ShortClose told = shortened(reportsOf(apart.seat.group, 1).at(SeatIndex(1)), {});
    told.root = named(5);
    told.entries.clear();
    tell(apart.seat, 0, told);
    apart.seat.group.run(100ms);
    QCOMPARE(apart.seat.group.cuts(0), std::vector<Code>{Code::E_SIG});
    QVERIFY(!apart.wire.asked[0].contains(told.hash()));
}

/// A seat may sign any root: few are asked for, a few times, and each that is told again once more.
void ShortCloseTest::anyRootIsNotAskedForForEver()
{
    HostileSeat seat;
    Wire wire;
    seat.group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        wire.see(from, kind, body);
        return true;
    });
    const auto anyRoot = [&seat](std::uint8_t name) {
        return shortened(seat.close(99, {{DeviceIndex(1), Seq(9), named(name)}}), {});
    };
    const auto askedNow = [&wire] {
        std::size_t count = 0;
        for (const auto &[hash, times] : wire.asked[0])
            count += times;
        return count;
    };
    std::vector<ShortClose> told;
    for (std::uint8_t i = 0; i < 50; ++i) {
        told.push_back(anyRoot(i));
        told.back().entries.clear();
        tell(seat, 0, told.back());
    }
    seat.group.run(30s);
    QCOMPARE(wire.asked[0].size(), engine::CloseCourier::kWantedPerSeatMax);
    const std::size_t perHash = 1 + (engine::CloseCourier::kAsksMax - 1) * limits::kPullPeers;
    QVERIFY(askedNow() <= engine::CloseCourier::kWantedPerSeatMax * perHash);
    const std::size_t before = askedNow();
    seat.group.run(60s);
    QCOMPARE(askedNow(), before);
    tell(seat, 0, told[0]);
    seat.group.run(30s);
    QCOMPARE(askedNow(), before + 1);
    tell(seat, 0, told[5]);
    seat.group.run(30s);
    QCOMPARE(askedNow(), before + 2);
    QVERIFY(seat.group.cuts(0).empty());
    seat.decideNewKey(); // its true report counts, and so does everybody's
    QCOMPARE(seat.configuration().epoch, Epoch(1));
}

void ShortCloseTest::twoOfASeatAreProven_data()
{
    QTest::addColumn<bool>("isToOne");
    QTest::newRow("both to one") << true;
    QTest::newRow("each to another, who name them") << false;
}

void ShortCloseTest::twoOfASeatAreProven()
{
    QFETCH(bool, isToOne);
    HostileSeat seat;
    tell(seat, 0, shortened(seat.close(99), {}));
    tell(seat, isToOne ? 0 : 1, shortened(seat.close(98), {}));
    seat.group.run(2s);
    if (!isToOne) { // values name both, and who lacks one fetches it whole
        seat.decideNewKey();
        QCOMPARE(seat.configuration().epoch, Epoch(1));
    }
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY2(seat.isProven(i, Code::EV_DOUBLE_CLOSE), std::to_string(i).c_str());
    QVERIFY(seat.group.cuts(0).empty() && seat.group.cuts(1).empty());
}

/// Of an epoch that is over: the contradiction is still found, what is asked for is bounded, and
/// who has moved on still gives what it held then.
void ShortCloseTest::lateOnesAreFetched()
{
    HostileSeat seat;
    std::vector<Close> late;
    for (std::uint8_t i = 0; i < 12; ++i)
        late.push_back(seat.close(200U + i, {{DeviceIndex(1), Seq(9), named(i)}}));
    seat.decideNewKey();
    QCOMPARE(seat.configuration().epoch, Epoch(1));
    Wire wire;
    seat.group.setFilter([&](std::size_t from, std::size_t, std::uint8_t kind, const Bytes &body) {
        wire.see(from, kind, body);
        return true;
    });
    for (const Close &close : late) {
        ShortClose told = shortened(close, {});
        told.entries.clear();
        tell(seat, 1, told);
    }
    seat.group.run(500ms);
    QVERIFY(!wire.asked[1].empty() && wire.asked[1].size() <= 4);
    seat.tell(1, late.front());
    seat.group.run(2s);
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(seat.isProven(i, Code::EV_DOUBLE_CLOSE));
    // Asked by who stayed behind.
    const Decision decision = seat.lastDecision();
    seat.tell(2, gossip::PullControl{{decision.value.reports.front().close}});
    seat.group.run(100ms);
    QCOMPARE(wire.wholes, std::size_t(1));
}

void ShortCloseTest::anOldCopyHearsItsOwnWord_data()
{
    QTest::addColumn<bool>("isTold");
    QTest::newRow("others tell its report") << true;
    QTest::newRow("nobody does") << false;
}

/// An older folder that is put back learns from a short report, too, that it signed more than it
/// knows (PROTOCOL C13).
void ShortCloseTest::anOldCopyHearsItsOwnWord()
{
    QFETCH(bool, isTold);
    SmallGroup group(4);
    group.guardStarts();
    for (std::size_t i = 0; i < 4; ++i)
        group.restart(i);
    group.run(300ms);
    std::uint64_t requests = 0;
    everybodyWrites(group, requests);
    const Hash id = ask(group, requests);
    const auto old = group.folder(0);
    const auto oldPlace = group.secondPlace(0);
    bool isBack = false;
    // Two see three of yes and close; the others do not, so that the epoch stays open.
    group.setFilter([&](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &body) {
        const bool isHidden = to >= 2 && brings(kind, body, ControlKind::Approval);
        const bool isUntold = isBack && to == 0 && !isTold && holdsReport(kind, body);
        return !isHidden && !isUntold && !(isBack && isAbout(kind, gossip::Kind::Own));
    });
    group.submit(1, api::Vote{++requests, id, true});
    group.submit(2, api::Vote{++requests, id, true});
    group.run(3s);
    QVERIFY(reportsOf(group, 1).contains(SeatIndex(0)));
    isBack = true;
    group.secondPlace(0) = oldPlace;
    group.startFrom(0, old);
    group.run(5s);
    QCOMPARE(group.at(0).standing() == engine::Engine::Standing::Copy, isTold);
}

QTEST_GUILESS_MAIN(ShortCloseTest)
#include "short_close_test.moc"
