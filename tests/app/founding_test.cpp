#include "tests/app/founding_person.h"

#include <QTest>

#include <algorithm>

using namespace nlbd;
using namespace nlbd::app;
using State = api::FoundingInfo::State;
using Answered = api::FoundingInfo::Answer;

namespace {

/// Everybody with a session to everybody.
struct Room {
    std::vector<std::unique_ptr<Person>> people;

    Person &add(const std::string &name)
    {
        people.push_back(std::make_unique<Person>(name, people.size() + 1));
        return *people.back();
    }
    Person *find(const PublicKey &device)
    {
        for (auto &person : people)
            if (person->device() == device)
                return person.get();
        return nullptr;
    }

    bool carryOut(Person &person)
    {
        auto steps = person.desk->takeSteps();
        for (FoundingStep &step : steps)
            std::visit([&](auto &what) { perform(person, what); }, step);
        return !steps.empty();
    }
    void perform(Person &from, SendTo &step)
    {
        from.sent.emplace_back(step.device, step.frame);
        Person *to = find(step.device);
        if (to == nullptr || to->isCutOff || from.isCutOff)
            return;
        const auto frame = decodeLobbyFrame(kindOf(step.frame), encode(step.frame));
        QVERIFY(frame && *frame == step.frame); // over the wire
        to->desk->take(from.device(), *frame);
    }
    void perform(Person &from, Keep &step) { from.kept[step.draft] = step.bytes; }
    void perform(Person &from, Drop &step) { from.kept.erase(step.draft); }
    void perform(Person &, Reach &) {}
    void perform(Person &from, Tell &step) { from.shown[step.info.draft] = step.info; }
    void perform(Person &from, Offence &step) { from.offences.push_back(step); }
    void perform(Person &from, Found &step)
    {
        QVERIFY(step.genesis.verify(kScheme));
        QVERIFY(step.key.commitment() == step.genesis.genesis.keyCommit);
        from.founded = step.genesis;
        from.keyCommit = step.key.commitment();
        from.desk->founded(step.genesis.genesis.id());
    }

    void settle()
    {
        for (int round = 0; round < 100; ++round) {
            bool isBusy = false;
            for (auto &person : people)
                isBusy = carryOut(*person) || isBusy;
            if (!isBusy)
                return;
        }
        QFAIL("the desks never come to rest");
    }
};

/// Anna has asked Ben and Cleo.
struct Garden {
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    Person &cleo = room.add("Cleo");
    decltype(anna.desk->begin("", {})) draft =
        anna.desk->begin("Garden", {ben.contact(), cleo.contact()});

    Garden() { room.settle(); }

    void agreeWithoutTheSealForBen()
    {
        ben.desk->answer(*draft, true);
        room.settle();
        ben.isCutOff = true;
        cleo.desk->answer(*draft, true);
        room.settle();
    }
};

} // namespace

class FoundingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aloneAtOnce();
    void fourTogether();
    void oneNoEndsIt();
    void withdrawn();
    void aLostSealIsRepeated();
    void anyFounderRepeatsTheSeal();
    void restartsInBetweenLoseNothing();
    void aCrashBeforeTheSealIsMadeGood();
    void nothingIsSignedBeforeAPersonAgrees();
    void aFullDiskKeepsTheSignatureHome();
    void hostileOffers_data();
    void hostileOffers();
    void hostileRepliesAndSeals();
    void offersArePatientButBounded();
    void framesAreReadStrictly();
    void cardsAreChecked();
};

void FoundingTest::aloneAtOnce()
{
    Room room;
    Person &anna = room.add("Anna");
    const auto draft = anna.desk->begin("Notes", {});
    QVERIFY(draft);
    room.settle();
    QVERIFY(anna.founded);
    QCOMPARE(anna.shown.at(*draft).state, State::Founded);
    QVERIFY(anna.shown.at(*draft).id == anna.founded->genesis.id());
    QVERIFY(anna.kept.empty());
}

void FoundingTest::fourTogether()
{
    Room room;
    std::vector<Contact> others;
    Person &anna = room.add("Anna");
    for (const char *name : {"Ben", "Cleo", "Dana"})
        others.push_back(room.add(name).contact());
    const auto draft = anna.desk->begin("Garden", others);
    QVERIFY(draft);
    room.settle();
    for (std::size_t i = 1; i < 4; ++i) {
        Person &person = *room.people[i];
        const api::FoundingInfo &info = person.shown.at(*draft);
        QCOMPARE(info.workspace, std::string("Garden"));
        QCOMPARE(info.founders.size(), std::size_t{4});
        QVERIFY(!info.isMine);
        for (const auto &founder : info.founders) // the record's order tells nothing of who asks
            QCOMPARE(founder.isAsking, founder.name == "Anna");
        QVERIFY(!person.founded);
        person.desk->answer(*draft, true);
        room.settle();
    }
    for (auto &person : room.people) {
        QVERIFY(person->founded);
        QVERIFY(person->founded->encode() == anna.founded->encode());
        QVERIFY(person->keyCommit == anna.keyCommit);
        QCOMPARE(person->shown.at(*draft).state, State::Founded);
        QVERIFY(!person->kept.empty()); // until everybody was seen inside
        QVERIFY(person->offences.empty());
    }
    const auto &founders = anna.founded->genesis.founders;
    QVERIFY(std::ranges::is_sorted(founders, {}, &identity::Founder::identity));
    const auto id = anna.founded->genesis.id();
    for (auto &person : room.people)
        for (auto &other : room.people)
            if (person != other)
                person->desk->seen(id, other->device());
    room.settle();
    const auto offer = std::ranges::find_if(
        anna.sent, [](const auto &sent) { return std::holds_alternative<Seal>(sent.second); });
    QVERIFY(offer != anna.sent.end());
    room.people[1]->desk->take(anna.device(), offer->second); // one that was long on its way
    room.settle();
    for (auto &person : room.people) {
        QVERIFY(person->kept.empty());
        QVERIFY(person->desk->isEmpty());
    }
}

void FoundingTest::oneNoEndsIt()
{
    Garden garden;
    auto &[room, anna, ben, cleo, draft] = garden;
    ben.desk->answer(*draft, true);
    cleo.desk->answer(*draft, false);
    room.settle();
    QCOMPARE(anna.shown.at(*draft).state, State::Declined);
    QCOMPARE(cleo.shown.at(*draft).state, State::Declined);
    QCOMPARE(ben.shown.at(*draft).state, State::Failed);
    for (auto &person : room.people) {
        QVERIFY(!person->founded);
        QVERIFY(person->kept.empty());
        QVERIFY(person->desk->present().empty());
    }
}

void FoundingTest::withdrawn()
{
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    const auto draft = anna.desk->begin("Garden", {ben.contact()});
    room.settle();
    ben.desk->withdraw(*draft); // not his to withdraw
    room.settle();
    QCOMPARE(ben.shown.at(*draft).state, State::Asking);
    anna.desk->withdraw(*draft);
    room.settle();
    QCOMPARE(ben.shown.at(*draft).state, State::Failed);
    ben.desk->answer(*draft, true);
    room.settle();
    QVERIFY(!anna.founded && !ben.founded);
}

void FoundingTest::aLostSealIsRepeated()
{
    Garden garden;
    auto &[room, anna, ben, cleo, draft] = garden;
    garden.agreeWithoutTheSealForBen();
    QVERIFY(anna.founded && cleo.founded && !ben.founded);
    ben.isCutOff = false;
    anna.desk->up(ben.device());
    room.settle();
    QVERIFY(ben.founded);
}

void FoundingTest::anyFounderRepeatsTheSeal()
{
    Garden garden;
    auto &[room, anna, ben, cleo, draft] = garden;
    garden.agreeWithoutTheSealForBen();
    ben.isCutOff = false;
    anna.isCutOff = true; // who asked never comes back
    cleo.desk->repeat();
    room.settle();
    QVERIFY(ben.founded);
    QVERIFY(ben.founded->encode() == cleo.founded->encode());
}

void FoundingTest::restartsInBetweenLoseNothing()
{
    Garden garden;
    auto &[room, anna, ben, cleo, draft] = garden;
    ben.desk->answer(*draft, true);
    room.settle();
    for (auto &person : room.people)
        person->restart();
    room.settle();
    QCOMPARE(cleo.desk->present().size(), std::size_t{1}); // asked again after its restart
    cleo.desk->answer(*draft, true);
    anna.isCutOff = true; // the reply gets lost
    room.settle();
    cleo.restart();
    anna.isCutOff = false;
    anna.restart();
    cleo.desk->up(anna.device());
    room.settle();
    for (auto &person : room.people)
        QVERIFY(person->founded);
    ben.founded.reset();
    ben.restart(); // sealed: nothing is founded twice
    room.settle();
    QVERIFY(!ben.founded);
}

void FoundingTest::aCrashBeforeTheSealIsMadeGood()
{
    Room room;
    Person &anna = room.add("Anna");
    QVERIFY(anna.desk->begin("Notes", {}));
    const auto steps = anna.desk->takeSteps();
    QVERIFY(std::holds_alternative<Keep>(steps.front()));
    anna.kept[std::get<Keep>(steps.front()).draft] = std::get<Keep>(steps.front()).bytes;
    anna.restart(); // the first step was carried out, and no other
    room.settle();
    QVERIFY(anna.founded);
    QVERIFY(anna.desk->present().empty());
}

void FoundingTest::nothingIsSignedBeforeAPersonAgrees()
{
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    QVERIFY(anna.desk->begin("Garden", {ben.contact()}));
    room.settle();
    ben.desk->repeat();
    ben.desk->up(anna.device());
    room.settle();
    QVERIFY(ben.sent.empty());
    QVERIFY(ben.kept.empty());
}

void FoundingTest::aFullDiskKeepsTheSignatureHome()
{
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    const auto draft = anna.desk->begin("Garden", {ben.contact()});
    room.settle();
    ben.desk->answer(*draft, true);
    const auto steps = ben.desk->takeSteps();
    const auto kindAt = [&](auto isKind) {
        return std::ranges::find_if(steps, isKind) - steps.begin();
    };
    const auto keep = kindAt([](const auto &s) { return std::holds_alternative<Keep>(s); });
    const auto send = kindAt([](const auto &s) { return std::holds_alternative<SendTo>(s); });
    QVERIFY(keep < send); // what fails cancels what stands behind it
}

void FoundingTest::hostileOffers_data()
{
    QTest::addColumn<int>("how");
    QTest::addColumn<int>("code");
    QTest::newRow("not about me") << 0 << static_cast<int>(Code::E_NOT_MEMBER);
    QTest::newRow("sender not in it") << 1 << static_cast<int>(Code::E_NOT_MEMBER);
    QTest::newRow("forged certificate") << 2 << static_cast<int>(Code::E_SIG);
    QTest::newRow("another name for me") << 3 << static_cast<int>(Code::E_NAME_CONFUSABLE);
    QTest::newRow("another key for one founder") << 4 << static_cast<int>(Code::E_KEY_OFFER);
    QTest::newRow("key against its commitment") << 5 << static_cast<int>(Code::E_KEY_COMMIT);
    QTest::newRow("unsorted founders") << 6 << static_cast<int>(Code::E_CANON);
    QTest::newRow("my device under another identity") << 7 << static_cast<int>(Code::E_NOT_MEMBER);
    QTest::newRow("garbage") << 8 << static_cast<int>(Code::E_CANON);
    QTest::newRow("invisible characters in a name") << 9 << static_cast<int>(Code::E_CANON);
    QTest::newRow("a name that looks like mine") << 10 << static_cast<int>(Code::E_NAME_CONFUSABLE);
}

void FoundingTest::hostileOffers()
{
    QFETCH(int, how);
    QFETCH(int, code);
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    Person &cleo = room.add("Cleo");
    Person &dana = room.add("Dana");
    std::vector<Contact> asked = {ben.contact(), cleo.contact()};
    if (how == 0)
        asked = {cleo.contact(), dana.contact()};
    if (how == 3)
        asked[0].person.name = "Bernd";
    if (how == 2)
        asked[1].person.certificate.value[3] ^= std::byte{1};
    QVERIFY(anna.desk->begin("Garden", asked));
    Offer offer;
    for (const FoundingStep &step : anna.desk->takeSteps())
        if (const auto *send = std::get_if<SendTo>(&step); send != nullptr)
            offer = std::get<Offer>(send->frame);
    auto genesis = *identity::Genesis::decode(offer.genesis);
    if (how == 4) {
        auto boxes = *keys::KeyOffer::decode(offer.keyOffer);
        const auto place =
            std::ranges::find(genesis.founders, cleo.device(), &identity::Founder::device)
            - genesis.founders.begin();
        boxes.boxes[static_cast<std::size_t>(place)][7] ^= std::byte{1};
        offer.keyOffer = boxes.encode();
    } else if (how == 5) {
        genesis.keyCommit.value[0] ^= std::byte{1};
    } else if (how == 6) {
        std::swap(genesis.founders[0], genesis.founders[1]);
    } else if (how == 7) {
        for (auto &founder : genesis.founders)
            if (founder.device == ben.device())
                founder.certificate = certifyDevice(kScheme, *dana.self.identity, ben.device()),
                founder.identity = dana.self.person();
        std::ranges::sort(genesis.founders, {}, &identity::Founder::identity);
    } else if (how == 9) {
        genesis.name = "Gar\u202Eden";
    } else if (how == 10) {
        for (auto &founder : genesis.founders)
            if (founder.device == cleo.device())
                founder.name = "\u0412\u0435n"; // the first two letters are Cyrillic
    }
    offer.genesis = genesis.encode();
    if (how == 8)
        offer.genesis.resize(40);
    ben.desk->take(how == 1 ? dana.device() : anna.device(), offer);
    room.carryOut(ben);
    QCOMPARE(ben.offences.size(), std::size_t{1});
    QCOMPARE(static_cast<int>(ben.offences.front().code), code);
    QVERIFY(ben.shown.empty());
    QVERIFY(ben.desk->present().empty());
}

void FoundingTest::hostileRepliesAndSeals()
{
    Room room;
    Person &anna = room.add("Anna");
    Person &ben = room.add("Ben");
    Person &cleo = room.add("Cleo");
    Person &dana = room.add("Dana");
    const auto draft = anna.desk->begin("Garden", {ben.contact(), cleo.contact()});
    room.settle();
    anna.desk->take(dana.device(), Reply{*draft, true, {}}); // not asked
    anna.desk->take(ben.device(), Reply{*draft, true, {}});  // not signed
    room.settle();
    QCOMPARE(anna.offences.size(), std::size_t{2});
    QVERIFY(anna.shown.at(*draft).founders[0].answer != Answered::Accepted
            || anna.shown.at(*draft).founders[1].answer != Answered::Accepted);

    // A seal that lacks Ben's signature: he never agreed.
    std::optional<Offer> offer;
    for (const auto &[device, frame] : anna.sent)
        if (std::holds_alternative<Offer>(frame))
            offer = std::get<Offer>(frame);
    identity::SignedGenesis forged;
    forged.genesis = *identity::Genesis::decode(offer->genesis);
    for (const auto &founder : forged.genesis.founders) {
        const Person &signer = founder.device == ben.device() ? dana : *room.find(founder.device);
        forged.signatures.push_back(signGenesis(kScheme, *signer.self.identity, forged.genesis));
    }
    ben.desk->take(anna.device(), Seal{forged.encode(), offer->keyOffer, {}});
    ben.desk->take(anna.device(), Seal{Bytes(10), offer->keyOffer, {}});
    ben.desk->take(cleo.device(), Withdraw{*draft}); // only who asked can
    room.settle();
    QVERIFY(!ben.founded);
    QCOMPARE(ben.offences.size(), std::size_t{2});
    QCOMPARE(ben.offences[0].code, Code::E_SIG);
    QCOMPARE(ben.shown.at(*draft).state, State::Asking);
}

void FoundingTest::offersArePatientButBounded()
{
    Room room;
    Person &ben = room.add("Ben");
    for (int asker = 0; asker < 12; ++asker) {
        Person &person = room.add("P" + std::to_string(asker));
        for (int i = 0; i < 4; ++i)
            QVERIFY(person.desk->begin("W" + std::to_string(i), {ben.contact()}));
    }
    room.settle();
    QCOMPARE(ben.shown.size(), FoundingDesk::kPendingMax);
    const Hash first = ben.shown.begin()->first;
    ben.desk->answer(first, false);
    room.settle();
    for (auto &person : room.people)
        person->desk->repeat();
    room.settle();
    QCOMPARE(ben.shown.size(), FoundingDesk::kPendingMax + 1); // there was room for one more
}

void FoundingTest::framesAreReadStrictly()
{
    Room room;
    Person &anna = room.add("Anna");
    const std::vector<LobbyFrame> frames{
        Offer{Bytes(5), Bytes(6), {{anna.device(), {"::1", 5}}}},
        Reply{Hash{{std::byte{1}}}, true, Signature{{std::byte{2}}}},
        Reply{Hash{{std::byte{1}}}, false, {}},
        Seal{Bytes(5), Bytes(6), {}},
        Withdraw{Hash{{std::byte{1}}}},
        Knock{anna.contact(), {std::byte{3}}},
        Welcome{Welcome::Verdict::Used, {}},
        Welcome{Welcome::Verdict::Come, anna.contact()},
        Met{{{anna.device(), {"host.example", 7}}}},
        Ask{WorkspaceId{{std::byte{4}}}, anna.contact(), {std::byte{3}}},
        DoorAnswer{WorkspaceId{{std::byte{4}}}, DoorAnswer::Verdict::Voting, 1, 3},
        DoorAnswer{WorkspaceId{{std::byte{4}}}, DoorAnswer::Verdict::Twice, 0, 0},
        Entry{Bytes(5), {std::byte{6}}, {{anna.device(), {"::1", 5}}}},
        Known{WorkspaceId{{std::byte{4}}}, MemberIndex(3), Epoch(7)},
        Claim{WorkspaceId{{std::byte{4}}}, Bytes(184)},
    };
    SeededRandom random(3);
    for (const LobbyFrame &frame : frames) {
        const Bytes bytes = encode(frame);
        QVERIFY(decodeLobbyFrame(kindOf(frame), bytes) == frame);
        Bytes longer = bytes;
        longer.push_back(std::byte{0});
        QVERIFY(!decodeLobbyFrame(kindOf(frame), longer));
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            QVERIFY(!decodeLobbyFrame(kindOf(frame), ByteView(bytes).first(cut)));
        for (int i = 0; i < 200; ++i) { // never a crash; what is read is what would be written
            Bytes altered = bytes;
            altered[random.below(altered.size())] = static_cast<std::byte>(random.below(256));
            (void)decodeLobbyFrame(kindOf(frame), altered);
        }
    }
    QVERIFY(!decodeLobbyFrame(0x7F, {}));
}

void FoundingTest::cardsAreChecked()
{
    Room room;
    const Contact anna = room.add("Anna").contact();
    QVERIFY(readCard(cardText(anna) + "\n") == anna);
    Contact forged = anna;
    forged.person.certificate.value[0] ^= std::byte{1};
    QVERIFY(!readCard(cardText(forged)));
    std::string text = cardText(anna);
    QVERIFY(!readCard(text.substr(0, text.size() - 5)));
    QVERIFY(!readCard("nlbd:join/" + text.substr(10)));
    QVERIFY(!readCard(""));
}

QTEST_APPLESS_MAIN(FoundingTest)
#include "founding_test.moc"
