#include "app/wish_words.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::app;

/// What is voted on is said in words that leave nothing out.
class WishWordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRuleNamesEveryNumberThatItChanges();
    void limitsAreReadWholeOrNotAtAll_data();
    void limitsAreReadWholeOrNotAtAll();
    void limitsKeepWhatIsNotNamed();
    void namesAreJoined();
    void whoLeftWasNotRemoved();
};

void WishWordsTest::aRuleNamesEveryNumberThatItChanges()
{
    identity::Configuration now;
    now.policy.text = "Be kind.";
    api::Wish wish;
    wish.kind = api::Wish::Kind::SetPolicy;
    wish.text = "Be kind.";
    wish.limits = api::Limits{};
    QCOMPARE(wordsOf(wish, now, now.policy), std::string("leave the rule as it is"));
    const auto isTold = [&](auto change, const char *word) {
        api::Wish other = wish;
        change(*other.limits);
        return wordsOf(other, now, now.policy).find(word) != std::string::npos;
    };
    QVERIFY(isTold([](api::Limits &l) { l.silentDays = 1; }, "silent for 1 day"));
    QVERIFY(isTold([](api::Limits &l) { l.silentDays = 0; }, "without nobody"));
    QVERIFY(isTold([](api::Limits &l) { l.keyDays = 2; }, "every 2 days"));
    QVERIFY(isTold([](api::Limits &l) { l.checkpointChanges = 7; }, "7 changes"));
    QVERIFY(isTold([](api::Limits &l) { l.checkpointBytes = 8; }, "8 bytes"));
    QVERIFY(isTold([](api::Limits &l) { l.newcomersReadPast = false; }, "nobody new is let in"));
    wish.text = "Be brief.\033[2J";
    const std::string said = wordsOf(wish, now, now.policy);
    QVERIFY(said.find("Be brief.") != std::string::npos && said.find('\033') == std::string::npos);
}

void WishWordsTest::limitsAreReadWholeOrNotAtAll_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text :
         {"", "silent-days", "silent-days=", "silent-days=x", "silent-days=-1", "silent-days=65536",
          "silent-days=7 ", "days=7", "silent-days=7,", "silent-days=7;key-days=1",
          "checkpoint-bytes=4294967296", "newcomers-read-past=0",
          "newcomers-read-past=", "newcomers-read-past=no "})
        QTest::newRow(text) << QByteArray(text);
}

void WishWordsTest::limitsAreReadWholeOrNotAtAll()
{
    QFETCH(QByteArray, text);
    const auto limits = readLimits(text.toStdString(), {});
    QVERIFY(!limits.has_value());
    QVERIFY(limits.error().ends_with("Nothing was asked for."));
}

void WishWordsTest::whoLeftWasNotRemoved()
{
    using Kind = api::Wish::Kind;
    const MemberIndex me(2);
    const DeviceIndex mine(5);
    const auto decided = [](std::vector<api::Wish> wishes) {
        return api::DecisionInfo{Epoch(1), {}, 0, 0, {}, std::move(wishes)};
    };
    const auto wish = [](Kind kind, MemberIndex member, DeviceIndex device = DeviceIndex(9)) {
        api::Wish result;
        result.kind = kind;
        result.member = member;
        result.device = device;
        return result;
    };
    const api::Wish leave = wish(Kind::Leave, me);
    const api::Wish other = wish(Kind::Leave, MemberIndex(1));
    const api::Wish remove = wish(Kind::RemoveMember, me);
    const api::Wish revoke = wish(Kind::RemoveDevice, me, mine);
    QCOMPARE(wayOutOf({decided({other, leave})}, me, mine), std::string_view("left"));
    // Others went on deciding, and what was before is no reason.
    QCOMPARE(wayOutOf({decided({other}), decided({leave}), decided({remove})}, me, mine),
             std::string_view("left"));
    QCOMPARE(wayOutOf({decided({leave, remove})}, me, mine), std::string_view("removed"));
    QCOMPARE(wayOutOf({decided({revoke})}, me, mine), std::string_view("revoked"));
    QCOMPARE(wayOutOf({decided({other})}, me, mine), std::string_view("removed"));
    QVERIFY(sentenceOfWayOut("left").starts_with("You left"));
    QVERIFY(sentenceOfWayOut("removed").starts_with("You were removed"));
}

void WishWordsTest::limitsKeepWhatIsNotNamed()
{
    identity::Policy now;
    now.rekeyDays = 5;
    const auto limits = readLimits("silent-days=0,checkpoint-bytes=4294967295", now);
    QVERIFY(limits.has_value());
    QVERIFY(
        (*limits == api::Limits{.silentDays = 0, .keyDays = 5, .checkpointBytes = 4'294'967'295U}));
    QVERIFY(!readLimits("newcomers-read-past=no", now)->newcomersReadPast);
    QVERIFY(readLimits("newcomers-read-past=yes", now)->newcomersReadPast);
}

void WishWordsTest::namesAreJoined()
{
    identity::Configuration now;
    for (const char *name : {"Ann", "Ben", "Cleo"})
        now.members.push_back({.identity = {}, .name = name});
    using Members = std::vector<MemberIndex>;
    QCOMPARE(namesOf({}, now), std::string("nobody"));
    QCOMPARE(namesOf(Members{MemberIndex(1)}, now), std::string("Ben"));
    QCOMPARE(namesOf(Members{MemberIndex(0), MemberIndex(1), MemberIndex(2)}, now),
             std::string("Ann, Ben and Cleo"));
    QCOMPARE(namesOf(Members{MemberIndex(9)}, now), std::string("somebody unknown"));
}

QTEST_APPLESS_MAIN(WishWordsTest)
#include "wish_words_test.moc"
