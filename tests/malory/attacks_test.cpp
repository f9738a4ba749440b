#include "tests/malory/nonce_book.h"
#include "tests/malory/victim.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::malory;

/// Each attack's bytes, fed straight into a fresh engine, are answered with exactly the listed
/// code.
class AttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answeredWithItsCode_data()
    {
        QTest::addColumn<QByteArray>("verb");
        for (const auto *list : {&hostile::attacks(), &hostile::councilAttacks(), &hostile::lies()})
            for (const hostile::Attack &attack : *list) {
                const QByteArray verb(attack.verb.data(),
                                      static_cast<qsizetype>(attack.verb.size()));
                QTest::newRow(verb.constData()) << verb;
            }
    }

    void answeredWithItsCode()
    {
        QFETCH(QByteArray, verb);
        const identity::Ed25519 scheme;
        SeededRandom random(42);
        const test::FoundedGroup group = test::FoundedGroup::found(4, scheme, random);
        hostile::Pen pen({group.configuration, scheme, group.devices[kMe],
                          DeviceIndex(static_cast<std::uint16_t>(kMe)), group.key});
        Victim victim(group, scheme);
        const hostile::Attack *attack = hostile::attackNamed(verb.constData());
        QVERIFY(attack != nullptr);

        const hostile::Plan plan = hostile::planOf(attack->verb, pen, random, kWall);
        for (const hostile::Frame &frame : plan.frames)
            victim.frame(frame, pen);
        for (const hostile::Frame &frame : plan.others)
            victim.frame(frame, pen);

        std::set<Code> expected;
        if (attack->code)
            expected.insert(*attack->code);
        const bool isInvalid = attack->code == Code::E_LAMPORT || attack->code == Code::E_STRUCT
            || attack->code == Code::E_OP_TARGET || attack->code == Code::E_KEY_COMMIT
            || attack->verb == std::string_view("bomb");
        const bool isCouncil =
            std::ranges::count(hostile::councilAttacks(), attack->verb, &hostile::Attack::verb) > 0;
        if (isInvalid && !isCouncil)
            expected.insert(Code::EV_INVALID); // well signed: a proof as well
        QCOMPARE(namesOf(victim.codes()), namesOf(expected));
        victim.engine().graph().checkInvariants();
    }

    void honestTextIsUntouched()
    {
        const identity::Ed25519 scheme;
        SeededRandom random(43);
        const test::FoundedGroup group = test::FoundedGroup::found(4, scheme, random);
        hostile::Pen pen({group.configuration, scheme, group.devices[kMe],
                          DeviceIndex(static_cast<std::uint16_t>(kMe)), group.key});
        Victim victim(group, scheme);
        victim.step(api::Command(api::CreateDocument{1, "Mine", "Once upon a time"}), &pen);
        victim.tick(Millis(500), &pen);
        const auto doc = victim.engine().findDocument("Mine");
        QVERIFY(doc.has_value());
        std::vector<hostile::Attack> all = hostile::councilAttacks();
        all.insert(all.end(), hostile::attacks().begin(), hostile::attacks().end());
        for (const hostile::Attack &attack : all) {
            const hostile::Plan plan = hostile::planOf(attack.verb, pen, random, kWall);
            for (const hostile::Frame &frame : plan.frames)
                victim.frame(frame, pen);
            for (const hostile::Frame &frame : plan.others)
                victim.frame(frame, pen);
            const bool isListed = victim.codes().contains(*attack.code);
            QVERIFY2(isListed, std::string(attack.verb).c_str());
            QCOMPARE(victim.engine().text(*doc).value_or(""), std::string("Once upon a time"));
        }
    }

    /// What nobody can prove has no effect, and nothing stops the honest from going on.
    void liesChangeNothing()
    {
        const identity::Ed25519 scheme;
        SeededRandom random(44);
        const test::FoundedGroup group = test::FoundedGroup::found(4, scheme, random);
        hostile::Pen pen({group.configuration, scheme, group.devices[kMe],
                          DeviceIndex(static_cast<std::uint16_t>(kMe)), group.key});
        Victim victim(group, scheme);
        victim.step(api::Command(api::CreateDocument{1, "Mine", "Once upon a time"}), &pen);
        victim.tick(Millis(500), &pen);
        const auto doc = victim.engine().findDocument("Mine");
        QVERIFY(doc.has_value());
        for (const hostile::Attack &attack : hostile::lies()) {
            const hostile::Plan plan = hostile::planOf(attack.verb, pen, random, kWall);
            for (const hostile::Frame &frame : plan.frames)
                victim.frame(frame, pen);
            QCOMPARE(victim.engine().text(*doc).value_or(""), std::string("Once upon a time"));
            const engine::Snapshot now = victim.engine().snapshot();
            QCOMPARE(now.ratified, std::size_t{0}); // one liar and I are no quorum of four
            QVERIFY(now.orphans <= limits::kOrphansPerDevice);
            if (attack.code != Code::EV_FORK) { // that one calls for a fence
                QVERIFY(victim.engine().decisions().open.empty());
            }
        }
    }

    /// Forks come last, and so does all else whose proof alone ends the pen.
    void whatEndsThePenComesLast()
    {
        for (const auto *list :
             {&hostile::attacks(), &hostile::councilAttacks(), &hostile::lies()}) {
            const bool isLast = std::ranges::is_partitioned(
                *list, [](const hostile::Attack &attack) { return !attack.endsPen; });
            QVERIFY(isLast);
        }
    }

    void whatEndsThePenIsProvenByItself_data() { answeredWithItsCode_data(); }

    /// The list says of each attack truly whether a seat asks for the fence by itself.
    void whatEndsThePenIsProvenByItself()
    {
        QFETCH(QByteArray, verb);
        const identity::Ed25519 scheme;
        SeededRandom random(45);
        const test::FoundedGroup group = test::FoundedGroup::found(4, scheme, random);
        hostile::Pen pen({group.configuration, scheme, group.devices[kMe],
                          DeviceIndex(static_cast<std::uint16_t>(kMe)), group.key});
        Victim victim(group, scheme);
        const hostile::Attack *attack = hostile::attackNamed(verb.constData());
        const hostile::Plan plan = hostile::planOf(attack->verb, pen, random, kWall);
        for (const auto *frames : {&plan.frames, &plan.others})
            for (const hostile::Frame &frame : *frames)
                victim.frame(frame, pen);
        for (int i = 0; i < 100; ++i)
            victim.tick(Millis(50), &pen);
        const auto isFence = [](const api::ProposalInfo &open) {
            return open.wish.kind == api::Wish::Kind::Fence;
        };
        QCOMPARE(std::ranges::any_of(victim.engine().decisions().open, isFence), attack->endsPen);
    }

    /// The one who compares nonces would see it.
    void aNonceUsedTwiceIsSeen()
    {
        const identity::Ed25519 scheme;
        SeededRandom random(46);
        const test::FoundedGroup group = test::FoundedGroup::found(4, scheme, random);
        const hostile::Pen pen({group.configuration, scheme, group.devices[kMe],
                                DeviceIndex(static_cast<std::uint16_t>(kMe)), group.key});
        const hostile::Record first = pen.draft(pen.typing("one"), kWall);
        hostile::Record second = pen.draft(pen.typing("two"), kWall);
        malory::NonceBook book;
        for (const auto &record : {first, first, second})
            book.take(record);
        QCOMPARE(book.rivals(), std::size_t{1});
        QCOMPARE(book.reused(), std::size_t{0});
        std::copy_n(first.payload.begin(), 24, second.payload.begin());
        book.take(second);
        QCOMPARE(book.reused(), std::size_t{1});
    }

private:
    static QString namesOf(const std::set<Code> &codes)
    {
        QStringList names;
        for (const Code code : codes)
            names << QString::fromStdString(std::string(codeName(code)));
        return names.join(' ');
    }
};

QTEST_APPLESS_MAIN(AttacksTest)
#include "attacks_test.moc"
