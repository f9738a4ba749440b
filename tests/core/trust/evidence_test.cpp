#include "core/base/check.h"
#include "core/trust/evidence.h"
#include "tests/core/history/random_history.h"
#include "tests/core/trust/frontiers.h"
#include "tests/support/fast_signatures.h"

#include <QTest>
#include <rapidcheck.h>

using namespace nlbd;
using namespace nlbd::trust;
using history::SignedHeader;
using history::UnverifiedChange;
using nlbd::test::FastSignatures;
using nlbd::test::Group;
using nlbd::test::RandomHistory;
using nlbd::test::Replica;
using Result = CheckedEvidence::Result;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = history::docIndexOf(DeviceIndex(0), 1);

SignedHeader headerOf(const UnverifiedChange &change)
{
    return {change.header, change.signature};
}

/// Device 0 wrote two changes, device 1 answered, device 0 merged; a copy of device 0 forked.
struct Scene {
    Group group{4, kScheme};
    Replica ann{group, 0};
    Replica ben{group, 1};
    UnverifiedChange one = ann.setTitle(kDoc, "T").raw();
    UnverifiedChange two = ann.insert(kDoc, 0, "two").raw();
    UnverifiedChange answer;
    UnverifiedChange merge;
    UnverifiedChange other;

    Scene()
    {
        CHECK(ben.receive(one));
        answer = ben.insert(kDoc, 0, "answer").raw();
        CHECK(ann.receive(answer));
        merge = ann.insert(kDoc, 0, "merge").raw();
        Replica copy(group, 0);
        CHECK(copy.receive(one));
        other = copy.insert(kDoc, 0, "other").raw();
    }
    CheckedEvidence check(const Evidence &evidence) const
    {
        return trust::check(evidence, group.configuration, kScheme);
    }
    Evidence fork() const { return forkEvidence(headerOf(two), headerOf(other)); }
    Evidence doubleAck() const
    {
        const Frontier a{{DeviceIndex(0), Seq(2), two.hash}};
        const Frontier b{{DeviceIndex(0), Seq(2), other.hash}};
        return doubleAckEvidence(test::ackOf(group, 3, 5, a), a, test::ackOf(group, 3, 6, b), b);
    }
    /// The merge as a liar would have signed it.
    Evidence invalid(Code rule, const std::function<void(history::ChangeHeader &)> &alter) const
    {
        UnverifiedChange lie = merge;
        alter(lie.header);
        return invalidEvidence(rule, test::resigned(group, lie), {headerOf(two), headerOf(answer)});
    }
    std::vector<Evidence> all() const
    {
        const auto jump = [](history::ChangeHeader &h) { h.lamport = Lamport(99); };
        return {fork(), doubleAck(), invalid(Code::E_LAMPORT, jump)};
    }
};

} // namespace

class EvidenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void provesForks();
    void provesDoubleAcks_data();
    void provesDoubleAcks();
    void provesFalseLamport();
    void provesFalseStructure_data();
    void provesFalseStructure();
    void leavesContentToMembers();
    void needsExactlyTheParents();
    void restoresAndNamesItself();
    void neverHoldsAfterAFlippedBit();
    void neverAccusesTheInnocent();
};

void EvidenceTest::provesForks()
{
    const Scene s;
    const CheckedEvidence checked = s.check(s.fork());
    QCOMPARE(checked.result, Result::Holds);
    QCOMPARE(checked.accused, std::optional(DeviceIndex(0)));
    QCOMPARE(checked.sentence,
             std::string("Member 1's device signed two different changes as its number 2."));
    QCOMPARE(s.fork().code(), Code::EV_FORK);
    QVERIFY(forkEvidence(headerOf(s.other), headerOf(s.two)) == s.fork());
    QCOMPARE(s.check(forkEvidence(headerOf(s.one), headerOf(s.two))).result, Result::DoesNotHold);
    QCOMPARE(s.check(forkEvidence(headerOf(s.two), headerOf(s.two))).result, Result::DoesNotHold);
    SignedHeader forged = headerOf(s.two);
    forged.header.wallMs += 1;
    QCOMPARE(s.check(forkEvidence(headerOf(s.two), forged)).result, Result::DoesNotHold);
}

void EvidenceTest::provesDoubleAcks_data()
{
    QTest::addColumn<int>("firstNo");
    QTest::addColumn<int>("firstSeq");
    QTest::addColumn<int>("firstHead");
    QTest::addColumn<int>("secondNo");
    QTest::addColumn<int>("secondSeq");
    QTest::addColumn<int>("secondHead");
    QTest::addColumn<bool>("isContradiction");
    QTest::newRow("grew") << 1 << 3 << 1 << 2 << 4 << 2 << false;
    QTest::newRow("stayed") << 1 << 3 << 1 << 2 << 3 << 1 << false;
    QTest::newRow("one number, two roots") << 1 << 3 << 1 << 1 << 4 << 2 << true;
    QTest::newRow("fell") << 1 << 3 << 1 << 2 << 2 << 2 << true;
    QTest::newRow("two heads at one place") << 1 << 3 << 1 << 2 << 3 << 2 << true;
    QTest::newRow("took it back") << 1 << 3 << 1 << 2 << 0 << 0 << true;
    QTest::newRow("the same ack") << 1 << 3 << 1 << 1 << 3 << 1 << false;
}

void EvidenceTest::provesDoubleAcks()
{
    QFETCH(const int, firstNo);
    QFETCH(const int, firstSeq);
    QFETCH(const int, firstHead);
    QFETCH(const int, secondNo);
    QFETCH(const int, secondSeq);
    QFETCH(const int, secondHead);
    QFETCH(const bool, isContradiction);
    const Scene s;
    const auto frontier = [](int seq, int head) {
        Frontier result;
        if (seq > 0)
            result.push_back({DeviceIndex(0), Seq(static_cast<std::uint64_t>(seq)),
                              digest(domains::kChange, bytesOf(std::to_string(head)))});
        return result;
    };
    const Frontier a = frontier(firstSeq, firstHead);
    const Frontier b = frontier(secondSeq, secondHead);
    const Ack first = test::ackOf(s.group, 3, static_cast<std::uint64_t>(firstNo), a);
    const Ack second = test::ackOf(s.group, 3, static_cast<std::uint64_t>(secondNo), b);
    QCOMPARE(areContradictory(first, a, second, b), isContradiction);
    QCOMPARE(areContradictory(second, b, first, a), isContradiction);
    const CheckedEvidence checked = s.check(doubleAckEvidence(second, b, first, a));
    QCOMPARE(checked.result, isContradiction ? Result::Holds : Result::DoesNotHold);
    if (isContradiction)
        QCOMPARE(checked.accused, std::optional(DeviceIndex(3)));

    // Another seat's ack, or a frontier that was not signed, proves nothing.
    const Ack bens = test::ackOf(s.group, 1, static_cast<std::uint64_t>(secondNo), b);
    QVERIFY(!areContradictory(first, a, bens, b));
    QCOMPARE(s.check(doubleAckEvidence(first, a, bens, b)).result, Result::DoesNotHold);
    QCOMPARE(s.check(doubleAckEvidence(first, frontier(9, 9), second, b)).result,
             Result::DoesNotHold);
}

void EvidenceTest::provesFalseLamport()
{
    const Scene s;
    for (const std::uint64_t lamport : {0ULL, 1ULL, 2ULL, 4ULL, ~0ULL}) {
        const auto lie = [&](history::ChangeHeader &h) { h.lamport = Lamport(lamport); };
        const CheckedEvidence checked = s.check(s.invalid(Code::E_LAMPORT, lie));
        QCOMPARE(checked.result, Result::Holds);
        QCOMPARE(checked.accused, std::optional(DeviceIndex(0)));
    }
    QCOMPARE(s.check(s.invalid(Code::E_LAMPORT, [](auto &) {})).result, Result::DoesNotHold);
    QCOMPARE(s.check(s.invalid(Code::E_STRUCT, [](auto &) {})).result, Result::NeedsHistory);
}

void EvidenceTest::provesFalseStructure_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("dep at a wrong place") << 0;
    QTest::newRow("document number 0") << 1;
    QTest::newRow("document of nobody") << 2;
    QTest::newRow("prev of another place") << 3;
}

void EvidenceTest::provesFalseStructure()
{
    QFETCH(const int, which);
    const Scene s;
    const auto lie = [&](history::ChangeHeader &h) {
        switch (which) {
        case 0:
            h.deps[0].seq = Seq(9);
            break;
        case 1:
            h.doc = DocIndex(0);
            break;
        case 2:
            h.doc = history::docIndexOf(DeviceIndex(77), 1);
            break;
        default:
            h.seq = Seq(7);
        }
    };
    QCOMPARE(s.check(s.invalid(Code::E_STRUCT, lie)).result, Result::Holds);

    // A dep that another parent names: the nearest way of not being an antichain.
    UnverifiedChange implied = s.merge;
    implied.header.deps = {{DeviceIndex(0), Seq(1), s.one.hash}, implied.header.deps[0]};
    const Evidence evidence =
        invalidEvidence(Code::E_STRUCT, test::resigned(s.group, implied),
                        {headerOf(s.one), headerOf(s.two), headerOf(s.answer)});
    QCOMPARE(s.check(evidence).result, Result::Holds);
}

void EvidenceTest::leavesContentToMembers()
{
    const Scene s;
    for (const Code rule : {Code::E_OP_TARGET, Code::E_CANON, Code::E_KEY_COMMIT, Code::E_ROLE}) {
        const CheckedEvidence checked = s.check(s.invalid(rule, [](auto &) {}));
        QCOMPARE(checked.result, Result::NeedsHistory);
        QCOMPARE(checked.accused, std::optional(DeviceIndex(0)));
        Evidence forged = s.invalid(rule, [](auto &) {});
        std::get<InvalidProof>(forged.proof).change.signature.value[3] ^= std::byte{1};
        QCOMPARE(s.check(forged).result, Result::DoesNotHold);
    }
    QVERIFY(!std::get<InvalidProof>(s.invalid(Code::E_CANON, [](auto &) {}).proof)
                 .change.payload.empty());
    QVERIFY(std::get<InvalidProof>(s.invalid(Code::E_LAMPORT, [](auto &) {}).proof)
                .change.payload.empty());
}

void EvidenceTest::needsExactlyTheParents()
{
    const Scene s;
    UnverifiedChange lie = s.merge;
    lie.header.lamport = Lamport(99);
    lie = test::resigned(s.group, lie);
    const auto resultWith = [&](std::vector<SignedHeader> parents) {
        return s.check(invalidEvidence(Code::E_LAMPORT, lie, std::move(parents))).result;
    };
    QCOMPARE(resultWith({headerOf(s.two), headerOf(s.answer)}), Result::Holds);
    QCOMPARE(resultWith({headerOf(s.two)}), Result::DoesNotHold);
    QCOMPARE(resultWith({}), Result::DoesNotHold);
    QCOMPARE(resultWith({headerOf(s.two), headerOf(s.other)}), Result::DoesNotHold);
    QCOMPARE(resultWith({headerOf(s.two), headerOf(s.answer), headerOf(s.one)}),
             Result::DoesNotHold);
    SignedHeader unsignedParent = headerOf(s.answer);
    unsignedParent.signature.value[0] ^= std::byte{1};
    QCOMPARE(resultWith({headerOf(s.two), unsignedParent}), Result::DoesNotHold);
    // Its name is in what the accused signed: that its own signature was altered excuses nobody.
    unsignedParent.signature = {};
    QCOMPARE(resultWith({headerOf(s.two), unsignedParent}), Result::Holds);
}

void EvidenceTest::restoresAndNamesItself()
{
    const Scene s;
    for (const Evidence &evidence : s.all()) {
        Bytes bytes = evidence.encode();
        const auto decoded = Evidence::decode(bytes);
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == evidence);
        QCOMPARE(decoded->id(), evidence.id());
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY(!Evidence::decode(ByteView(bytes).first(size)).has_value());
        bytes.push_back(std::byte{0});
        QCOMPARE(Evidence::decode(bytes).error(), Code::E_CANON);
    }
    // The order in which parents were found does not matter.
    Evidence swapped = s.all()[2];
    std::ranges::reverse(std::get<InvalidProof>(swapped.proof).parents);
    QCOMPARE(swapped.encode(), s.all()[2].encode());
    // A pair in the wrong order is another spelling of the same proof.
    Evidence turned = s.fork();
    std::swap(std::get<ForkProof>(turned.proof).first, std::get<ForkProof>(turned.proof).second);
    QCOMPARE(Evidence::decode(turned.encode()).error(), Code::E_CANON);
}

void EvidenceTest::neverHoldsAfterAFlippedBit()
{
    const Scene s;
    for (const Evidence &evidence : s.all()) {
        QCOMPARE(s.check(evidence).result, Result::Holds);
        const Bytes bytes = evidence.encode();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            Bytes altered = bytes;
            altered[i] ^= std::byte(1U << (i % 8));
            const auto decoded = Evidence::decode(altered);
            if (!decoded)
                continue;
            QCOMPARE(decoded->encode(), altered);
            QVERIFY(s.check(*decoded).result != Result::Holds);
        }
    }
}

void EvidenceTest::neverAccusesTheInnocent()
{
    QVERIFY(rc::check("no mixture of honest records is a proof", [](std::uint32_t seed) {
        SeededRandom random(seed);
        const FastSignatures scheme(random);
        const Group group(4, scheme);
        RandomHistory history(group, random, 25);
        const auto &changes = history.changes();
        const auto anyChange = [&]() -> const UnverifiedChange & {
            return changes[static_cast<std::size_t>(random.below(changes.size()))];
        };
        const auto anyParents = [&](const UnverifiedChange &of) {
            std::vector<SignedHeader> parents;
            for (const UnverifiedChange &change : changes) {
                const bool isParent = change.hash == of.header.prev
                    || std::ranges::any_of(of.header.deps, [&](const auto &dep) {
                                          return dep.hash == change.hash;
                                      });
                if (isParent != (random.below(10) == 0))
                    parents.push_back(headerOf(change));
            }
            return parents;
        };
        // Honest acks: each seat reads on and signs what it holds, with growing numbers.
        std::vector<std::pair<Ack, Frontier>> acks;
        for (std::uint16_t seat = 0; seat < 4; ++seat) {
            Replica voter(group, seat);
            std::uint64_t no = 0;
            for (const UnverifiedChange &change : changes) {
                RC_ASSERT(voter.receive(change).has_value());
                if (random.below(3) != 0)
                    continue;
                const Frontier frontier = test::frontierOf(voter.graph);
                acks.emplace_back(test::ackOf(group, seat, ++no, frontier), frontier);
            }
        }
        constexpr std::array kRules{Code::E_LAMPORT, Code::E_STRUCT, Code::E_CANON};
        for (int i = 0; i < 50; ++i) {
            const UnverifiedChange &change = anyChange();
            std::vector<Evidence> proofs{
                forkEvidence(headerOf(change), headerOf(anyChange())),
                invalidEvidence(kRules[static_cast<std::size_t>(random.below(kRules.size()))],
                                change, anyParents(change)),
            };
            if (!acks.empty()) {
                const auto &[a, fa] = acks[static_cast<std::size_t>(random.below(acks.size()))];
                const auto &[b, fb] = acks[static_cast<std::size_t>(random.below(acks.size()))];
                RC_ASSERT(!areContradictory(a, fa, b, fb));
                proofs.push_back(doubleAckEvidence(a, fa, b, fb));
            }
            // Signatures of one record under the fields of another.
            SignedHeader mixed = headerOf(change);
            mixed.header.lamport = Lamport(mixed.header.lamport.value + random.below(2));
            mixed.signature = anyChange().signature;
            proofs.push_back(forkEvidence(mixed, headerOf(anyChange())));
            for (const Evidence &proof : proofs)
                RC_ASSERT(check(proof, group.configuration, scheme).result != Result::Holds);
        }
    }));
}

QTEST_APPLESS_MAIN(EvidenceTest)
#include "evidence_test.moc"
