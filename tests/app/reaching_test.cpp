#include "app/reaching.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using app::Reaching;
using State = api::ReachChanged::State;

namespace {

const net::Endpoint kHere{"192.168.1.7", 47474};

} // namespace

/// Whoever typed an address hears at once, after two seconds, and at the end; never twice.
class ReachingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noAnswerIsToldAfterTwoSeconds()
    {
        Reaching reaching;
        reaching.begin(kHere, FoundBy::Typed, 1, m_now);
        auto news = reaching.takeNews();
        QCOMPARE(news.size(), std::size_t(1));
        QCOMPARE(news[0].address, std::string("192.168.1.7:47474"));
        QVERIFY(news[0].state == State::Trying && news[0].foundBy == FoundBy::Typed);
        QVERIFY(reaching.wakeAt() == m_now + 2s);
        reaching.tick(m_now + 1999ms);
        QVERIFY(reaching.takeNews().empty());
        reaching.tick(m_now + 2s);
        news = reaching.takeNews();
        QVERIFY(news.size() == 1 && news[0].state == State::StillTrying && !news[0].step);
        reaching.tick(m_now + 3s);
        QVERIFY(reaching.takeNews().empty());
        QVERIFY(reaching.failed(kHere, Obstacle::TimedOut));
        news = reaching.takeNews();
        QVERIFY(news.size() == 1 && news[0].state == State::Failed);
        QVERIFY(news[0].step == Obstacle::TimedOut);
        QVERIFY(!reaching.failed(kHere, Obstacle::TimedOut));
        QVERIFY(reaching.wakeAt() == MonoTime::max());
    }
    void aReasonIsToldAtOnceAndTheFurthestCounts()
    {
        Reaching reaching;
        reaching.begin(kHere, FoundBy::Typed, 3, m_now);
        QVERIFY(reaching.failed(kHere, Obstacle::WrongKey));
        QVERIFY(reaching.failed(kHere, Obstacle::WrongVersion));
        QCOMPARE(reaching.takeNews().size(), std::size_t(1)); // one way is still open
        QVERIFY(reaching.failed(kHere, Obstacle::Refused));
        const auto news = reaching.takeNews();
        QVERIFY(news.size() == 1 && news[0].step == Obstacle::WrongVersion);
    }
    void anAnswerEndsIt()
    {
        Reaching reaching;
        reaching.begin(kHere, FoundBy::Invitation, 2, m_now);
        QVERIFY(reaching.failed(kHere, Obstacle::Refused));
        reaching.answered(kHere);
        const auto news = reaching.takeNews();
        QVERIFY(news.size() == 2 && news[1].state == State::Answered && !news[1].step);
        reaching.tick(m_now + 1h);
        QVERIFY(reaching.takeNews().empty());
    }
    void nothingIsWaitedForForEver()
    {
        Reaching reaching;
        reaching.begin(kHere, FoundBy::Typed, 2, m_now);
        reaching.tick(m_now + Reaching::kGiveUp);
        const auto news = reaching.takeNews();
        QVERIFY(news.back().state == State::Failed && news.back().step == Obstacle::TimedOut);
    }
    void manyAddressesAreBounded()
    {
        Reaching reaching;
        for (std::uint16_t port = 1; port <= 100; ++port)
            reaching.begin({"10.0.0.1", port}, FoundBy::Typed, 1, m_now);
        QCOMPARE(reaching.takeNews().size(), std::size_t(100));
        reaching.tick(m_now + Reaching::kGiveUp);
        QCOMPARE(reaching.takeNews().size(), Reaching::kPlacesMax);
    }

private:
    const MonoTime m_now{Millis(1'000'000)};
};

QTEST_APPLESS_MAIN(ReachingTest)
#include "reaching_test.moc"
