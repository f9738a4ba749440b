#include "core/consensus/configuration_codec.h"
#include "core/consensus/short_close.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using nlbd::test::Assembly;
using nlbd::test::frontierAt;
using nlbd::test::headAt;

namespace {

/// One of each kind, by any member.
std::vector<Proposal> everyKind(Assembly &assembly)
{
    return {assembly.ask(0, assembly.newcomer("Nia", identity::Role::Reader)),
            assembly.ask(0, ChangeRole{MemberIndex(2), identity::Role::Reader}),
            assembly.ask(1, SetPolicy{{.text = "Be kind.", .newcomersReadPast = false}}),
            assembly.askByIdentity(1, assembly.newSeat(MemberIndex(1))),
            assembly.ask(2, MakeDormant{MemberIndex(3)}),
            assembly.ask(2, Wake{}),
            assembly.ask(3, Leave{}),
            assembly.ask(3, RemoveMember{MemberIndex(0)}),
            assembly.askByIdentity(0, RemoveDevice{DeviceIndex(0)}),
            assembly.ask(0, assembly.fenceOf(3)),
            assembly.ask(1, TakeCheckpoint{}),
            assembly.ask(1, Rekey{}),
            assembly.ask(3, RemoveMember{MemberIndex(0), "Two answers, one seat"}),
            assembly.ask(2, assembly.turnKey(DeviceIndex(2)))};
}

Value sampleValue()
{
    Value value;
    value.epoch = Epoch(7);
    value.previousDecision.value.fill(std::byte{1});
    value.proposals.resize(2);
    value.proposals[1].value.fill(std::byte{2});
    for (const std::uint16_t seat : {std::uint16_t(0), std::uint16_t(2), std::uint16_t(3)})
        value.reports.push_back({SeatIndex(seat), value.proposals[1]});
    value.keyOffer = value.previousDecision;
    value.closing.value.fill(std::byte{3});
    value.nextConfiguration.value.fill(std::byte{4});
    value.stateRoot = value.closing;
    return value;
}

/// The decoder takes what the encoder wrote, no prefix of it, and nothing behind it; whatever else
/// it takes encodes to the same bytes again.
template <typename Record>
bool isStrict(const Record &record)
{
    const Bytes bytes = record.encode();
    const auto decoded = Record::decode(bytes);
    if (!decoded || decoded->encode() != bytes)
        return false;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        if (Record::decode(ByteView(bytes).first(size)).has_value())
            return false;
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    if (Record::decode(longer).has_value())
        return false;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes altered = bytes;
        altered[bit / 8] ^= std::byte(1U << (bit % 8));
        const auto other = Record::decode(altered);
        if (other && other->encode() != altered)
            return false;
    }
    return true;
}

/// No altered bit passes for what was signed.
template <typename Record>
bool isSealed(const Record &record, const Assembly &assembly)
{
    if (!verify(record, assembly.configuration, assembly.scheme))
        return false;
    identity::Configuration elsewhere = assembly.configuration;
    elsewhere.workspace.value[0] ^= std::byte{1};
    if (verify(record, elsewhere, assembly.scheme).error() != Code::E_SIG)
        return false;
    const Bytes bytes = record.encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte(1U << (i % 8));
        const auto decoded = Record::decode(altered);
        if (decoded && verify(*decoded, assembly.configuration, assembly.scheme).has_value())
            return false;
    }
    return true;
}

} // namespace

class RecordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyProposalIsStrictAndSealed();
    void proposalsSignNoOthersAndNoWorkspaceElse();
    void proposalRefusesWhatNobodyMayAsk();
    void aReasonIsShortAndNeverEmpty();
    void aCareKeyIsTheWordOfItsDevice();
    void aCareKeyIsOneThatCanBeSealedTo_data();
    void aCareKeyIsOneThatCanBeSealedTo();
    void approvalIsStrictAndSealed();
    void closeIsStrictAndSealed();
    void closeTravelsAgainstWhatIsKnown();
    void shortCloseIsItsSeatsWord();
    void closeSpeaksOfPensOnly();
    void valueIsStrict();
    void offerIsStrictAndSealed();
    void configurationRestores();
};

void RecordsTest::everyProposalIsStrictAndSealed()
{
    Assembly assembly(4);
    const auto proposals = everyKind(assembly);
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        QCOMPARE(std::size_t(proposals[i].kind()), i + 1);
        QVERIFY(*Proposal::decode(proposals[i].encode()) == proposals[i]);
        QVERIFY2(isStrict(proposals[i]), qPrintable(QString::number(i)));
        QVERIFY2(isSealed(proposals[i], assembly), qPrintable(QString::number(i)));
    }
}

void RecordsTest::proposalsSignNoOthersAndNoWorkspaceElse()
{
    Assembly assembly(4);
    Proposal proposal = assembly.ask(0, Rekey{});
    proposal.author = MemberIndex(1);
    QCOMPARE(verify(proposal, assembly.configuration, assembly.scheme).error(), Code::E_NOT_MEMBER);
    proposal.device = DeviceIndex(1);
    QCOMPARE(verify(proposal, assembly.configuration, assembly.scheme).error(), Code::E_SIG);
    proposal.author = MemberIndex(4);
    QCOMPARE(verify(proposal, assembly.configuration, assembly.scheme).error(), Code::E_NOT_MEMBER);
    for (const Wish &wish : std::vector<Wish>{
             RemoveMember{MemberIndex(4)}, RemoveDevice{DeviceIndex(4)},
             MakeDormant{MemberIndex(4)}, ChangeRole{MemberIndex(9), identity::Role::Reader}})
        QCOMPARE(verify(assembly.ask(0, wish), assembly.configuration, assembly.scheme).error(),
                 Code::E_NOT_MEMBER);
}

void RecordsTest::aReasonIsShortAndNeverEmpty()
{
    Assembly assembly(4);
    const auto ask = [&assembly](const std::string &reason) {
        return assembly.ask(0, RemoveMember{MemberIndex(1), reason});
    };
    QCOMPARE(ask("").kind(), std::uint8_t(8));
    QVERIFY(Proposal::decode(ask(std::string(kReasonBytesMax, 'r')).encode()));
    QVERIFY(!Proposal::decode(ask(std::string(kReasonBytesMax + 1, 'r')).encode()));
    QVERIFY(!Proposal::decode(ask("\xC3").encode()));
    Bytes emptyReason = ask("x").encode(); // ... | u8 13 | u16 member | 1 'x' | signature
    emptyReason.erase(emptyReason.end() - 65);
    emptyReason[emptyReason.size() - 65] = std::byte{0};
    QVERIFY(!Proposal::decode(emptyReason));
}

void RecordsTest::aCareKeyIsTheWordOfItsDevice()
{
    Assembly assembly(4);
    const auto judged = [&assembly](const Proposal &proposal) {
        const auto verified = verify(proposal, assembly.configuration, assembly.scheme);
        return verified ? Code::DUPLICATE : verified.error();
    };
    identity::Device companion = assembly.configuration.devices[1];
    const Admit another = assembly.companion(MemberIndex(1));
    companion.key = another.device;
    companion.hasSeat = false;
    assembly.configuration.devices.push_back(companion);
    const TurnKey wish = assembly.turnKey(DeviceIndex(1));
    QCOMPARE(judged(assembly.askBy(DeviceIndex(1), wish)), Code::DUPLICATE);
    QCOMPARE(judged(assembly.askByIdentity(1, wish)), Code::DUPLICATE);
    QCOMPARE(judged(assembly.askBy(DeviceIndex(4), wish)), Code::E_STRUCT); // of the same member
    QCOMPARE(judged(assembly.askBy(DeviceIndex(0), wish)), Code::E_STRUCT);
    QCOMPARE(judged(assembly.askByIdentity(2, wish)), Code::E_STRUCT);
    QCOMPARE(judged(assembly.ask(0, TurnKey{DeviceIndex(9), wish.key})), Code::E_NOT_MEMBER);
    const Proposal asked = assembly.askBy(DeviceIndex(1), wish);
    QCOMPARE(asked.need(assembly.configuration), Need::Author);
    QCOMPARE(asked.origin(), Origin::Computer);
    QVERIFY(!asked.isReasonToClose());
    QVERIFY(assembly.ask(0, Rekey{}).isReasonToClose());
}

void RecordsTest::aCareKeyIsOneThatCanBeSealedTo_data()
{
    // Points of small order of Curve25519 and its twist, and what reduces to them or to others.
    QTest::addColumn<QByteArray>("point");
    const auto row = [](const char *name, const char *hex) {
        QTest::newRow(name) << QByteArray::fromHex(hex);
    };
    row("zero", "0000000000000000000000000000000000000000000000000000000000000000");
    row("one", "0100000000000000000000000000000000000000000000000000000000000000");
    row("order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
    row("order 8 too", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157");
    row("p - 1", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    row("p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    row("p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    row("p + 9", "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    row("nine, top bit", "0900000000000000000000000000000000000000000000000000000000000080");
    row("all", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
}

void RecordsTest::aCareKeyIsOneThatCanBeSealedTo()
{
    QFETCH(const QByteArray, point);
    Assembly assembly(4);
    const auto key = CareKey::from(std::as_bytes(std::span(point.data(), 32)));
    QVERIFY(key.has_value());
    QVERIFY(!keys::isUsable(*key));
    QCOMPARE(verify(assembly.ask(1, TurnKey{DeviceIndex(1), *key}), assembly.configuration,
                    assembly.scheme)
                 .error(),
             Code::E_KEY_OFFER);
    const auto nine = CareKey::from(Bytes{std::byte{9}, std::byte{0}}); // too short for a key
    QVERIFY(!nine.has_value());
    CareKey base;
    base.value[0] = std::byte{9};
    QVERIFY(keys::isUsable(base));
}

void RecordsTest::proposalRefusesWhatNobodyMayAsk()
{
    Assembly assembly(4);
    Admit admit = assembly.newcomer("Nia");
    admit.certificate.value[5] ^= std::byte{1};
    QCOMPARE(verify(assembly.ask(0, admit), assembly.configuration, assembly.scheme).error(),
             Code::E_SIG);
    // Nothing can be sealed to the neutral point: every later key would fail at this device.
    admit.device = PublicKey{};
    admit.device.value[0] = std::byte{1};
    const Admit stranger = assembly.newcomer("Key");
    admit.identity = stranger.identity;
    admit.certificate =
        identity::certifyDevice(assembly.scheme, assembly.keyOf(stranger.identity), admit.device);
    QCOMPARE(verify(assembly.ask(0, admit), assembly.configuration, assembly.scheme).error(),
             Code::E_STRUCT);
    const MoveSeat move = assembly.newSeat(MemberIndex(1));
    QCOMPARE(verify(assembly.ask(1, move), assembly.configuration, assembly.scheme).error(),
             Code::E_STRUCT);
    QCOMPARE(
        verify(assembly.askByIdentity(2, move), assembly.configuration, assembly.scheme).error(),
        Code::E_SIG);
    Admit unnamed = assembly.newcomer("\xE2\x80\xAE name");
    QCOMPARE(Proposal::decode(assembly.ask(0, unnamed).encode()).error(), Code::E_CANON);
    const SetPolicy essay{{.text = std::string(kPolicyTextBytesMax + 1, 'a')}};
    QVERIFY(!Proposal::decode(assembly.ask(0, essay).encode()).has_value());
    QCOMPARE(Proposal::decode(Bytes(kProposalBytesMax + 1)).error(), Code::E_BOUNDS);
}

void RecordsTest::approvalIsStrictAndSealed()
{
    Assembly assembly(4);
    const Approval approval = assembly.answer(2, assembly.ask(0, Rekey{}));
    QCOMPARE(approval.encode().size(), std::size_t(111));
    QVERIFY(isStrict(approval));
    QVERIFY(isSealed(approval, assembly));
    Approval zeroth = approval;
    zeroth.counter = 0;
    QCOMPARE(Approval::decode(zeroth.encode()).error(), Code::E_CANON);
}

void RecordsTest::closeIsStrictAndSealed()
{
    Assembly assembly(4);
    const Close close = assembly.close(2, frontierAt({headAt(0, 3), headAt(2, 200)}));
    QVERIFY(*Close::decode(close.encode()) == close);
    QVERIFY(isStrict(close));
    QVERIFY(isSealed(close, assembly));
    QVERIFY(isStrict(assembly.close(0, {})));
}

void RecordsTest::closeTravelsAgainstWhatIsKnown()
{
    const Assembly assembly(4);
    const trust::Frontier base = frontierAt({headAt(0, 3), headAt(2, 200)});
    const Close close = assembly.close(2, frontierAt({headAt(0, 4), headAt(1, 1), headAt(2, 200)}));
    const ShortClose told = shortened(close, base);
    const Bytes bytes = told.encode();
    QCOMPARE(bytes.size(), std::size_t(14 + 32 + 1 + 1 + 2 * 35 + 64));
    QVERIFY(*ShortClose::decode(bytes) == told);
    QVERIFY(isStrict(told));
    QCOMPARE(told.hash(), close.hash());
    QVERIFY(told.whole(base) == close);
    QVERIFY(!told.whole({}).has_value());
    QCOMPARE(shortened(close, close.frontier).encode().size(), std::size_t(112));
    QVERIFY(shortened(close, close.frontier).whole(close.frontier) == close);
    QVERIFY(!shortened(close, close.frontier).whole(base).has_value());
}

/// Seat, epoch and root are the seat's word before anybody knows what the root is of.
void RecordsTest::shortCloseIsItsSeatsWord()
{
    const Assembly assembly(4);
    const Close close = assembly.close(2, frontierAt({headAt(0, 4)}));
    const auto verdict = [&](const ShortClose &told) {
        const auto held = verify(told, assembly.configuration, assembly.scheme);
        return held ? std::optional<Code>() : std::optional(held.error());
    };
    ShortClose told = shortened(close, {});
    QVERIFY(!verdict(told));
    told.entries = frontierAt({headAt(1, 9)});
    QVERIFY(!verdict(told)); // another base's, or a liar's: the word is the same
    ShortClose other = told;
    other.root.value[0] ^= std::byte{1};
    QVERIFY(verdict(other) == Code::E_SIG);
    other = told;
    other.seat = SeatIndex(1);
    QVERIFY(verdict(other) == Code::E_SIG);
    other.seat = SeatIndex(9);
    QVERIFY(verdict(other) == Code::E_NOT_MEMBER);
    other = told;
    other.epoch = Epoch(1);
    QVERIFY(verdict(other) == Code::E_NOT_MEMBER);
}

void RecordsTest::closeSpeaksOfPensOnly()
{
    Assembly assembly(4);
    assembly.configuration.devices[1].mayWrite = false;
    const auto verdict = [&](const Close &close) {
        return verify(close, assembly.configuration, assembly.scheme);
    };
    QVERIFY(verdict(assembly.close(0, frontierAt({headAt(0, 1)}))).has_value());
    QCOMPARE(verdict(assembly.close(0, frontierAt({headAt(1, 1)}))).error(), Code::E_STRUCT);
    QCOMPARE(verdict(assembly.close(0, frontierAt({headAt(9, 1)}))).error(), Code::E_STRUCT);
    const Close late = assembly.close(0, {});
    assembly.configuration.epoch = Epoch(1);
    QCOMPARE(verdict(late).error(), Code::E_NOT_MEMBER);
}

void RecordsTest::valueIsStrict()
{
    QVERIFY(isStrict(sampleValue()));
    QVERIFY(*Value::decode(sampleValue().encode()) == sampleValue());
    Value twice = sampleValue();
    twice.reports[1].seat = SeatIndex(0);
    QCOMPARE(Value::decode(twice.encode()).error(), Code::E_CANON);
    Value unsorted = sampleValue();
    std::swap(unsorted.proposals[0], unsorted.proposals[1]);
    QCOMPARE(Value::decode(unsorted.encode()).error(), Code::E_CANON);
    Value wide = sampleValue();
    wide.proposals.resize(kProposalsPerValueMax + 1);
    QCOMPARE(Value::decode(wide.encode()).error(), Code::E_BOUNDS);
    Value crowded = sampleValue();
    crowded.reports.resize(129);
    QCOMPARE(Value::decode(crowded.encode()).error(), Code::E_BOUNDS);
}

void RecordsTest::offerIsStrictAndSealed()
{
    Assembly assembly(4);
    const OfferedKey offer = test::offerOf(assembly, 1, assembly.configuration);
    QVERIFY(isStrict(offer));
    QVERIFY(isSealed(offer, assembly));
}

void RecordsTest::configurationRestores()
{
    Assembly assembly(4);
    identity::Configuration &now = assembly.configuration;
    now.devices.push_back({.key = assembly.newcomer("X").device,
                           .member = MemberIndex(1),
                           .hasSeat = false,
                           .mayWrite = false,
                           .admittedBy = now.devices[0].key.isZero() ? Hash{} : hashOf(now),
                           .writesSince = Epoch(3),
                           .penEnd = identity::PenEnd{Epoch(5), {headAt(4, 9), headAt(4, 12, 1)}}});
    now.closing = {headAt(0, 3), headAt(4, 9)};
    now.spent = {{hashOf(now), Epoch(9)}};
    now.checkpoint = identity::Checkpoint{Epoch(2), hashOf(now)};
    now.members[2].standing = identity::Standing::Dormant;
    now.seats = seatsOf(now);
    QCOMPARE(now.seats.size(), std::size_t(3));
    const Bytes bytes = encodeConfiguration(now);
    const auto restored = decodeConfiguration(bytes, now.decision);
    QVERIFY(restored && *restored == now);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!decodeConfiguration(ByteView(bytes).first(size), now.decision).has_value());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes altered = bytes;
        altered[bit / 8] ^= std::byte(1U << (bit % 8));
        const auto other = decodeConfiguration(altered, now.decision);
        QVERIFY(!other || encodeConfiguration(*other) == altered);
    }
    // The hash does not depend on whether the decision's own hash is filled in.
    identity::Configuration unnamed = now;
    unnamed.decision = {};
    for (identity::Device &device : unnamed.devices)
        if (device.admittedBy == now.decision)
            device.admittedBy = {};
    QVERIFY(hashOf(unnamed) == hashOf(now));
    QVERIFY(completed(unnamed, now.decision) == now);
}

QTEST_APPLESS_MAIN(RecordsTest)
#include "records_test.moc"
