#include "net/port_mapping.h"
#include "tests/support/nat_router.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::net;
using Result = PortMapped::Result;

class PortMappingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_router.reset(); // its port is free again
        m_router = std::make_unique<test::NatRouter>();
        if (!m_router->isThere())
            QSKIP("another program on this computer answers at the port of routers");
        m_mapping = std::make_unique<PortMapping>(47474, "127.0.0.1");
        m_now = MonoTime(Millis(1'000'000));
    }

    void nothingIsAskedUnasked()
    {
        for (int i = 0; i < 10; ++i, m_now += Millis{600'000})
            QVERIFY(turn().empty());
        QCOMPARE(m_router->asked, 0);
        QVERIFY(!m_mapping->fd());
    }

    void aPortIsMappedRenewedAndGivenBack()
    {
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::Mapped));
        QCOMPARE(m_last->outside.text(), std::string("203.0.113.7:61000"));
        QCOMPARE(int(m_router->mapped), 47474);
        QCOMPARE(m_router->lifetime, 3600U);
        const int asked = m_router->asked;
        m_now += PortMapping::kRenewAfter - Millis{1};
        QVERIFY(turn().empty());
        QCOMPARE(m_router->asked, asked);
        m_now += Millis{1};
        m_router->gives = 61001; // another than before: told
        QVERIFY(becomes(Result::Mapped));
        QCOMPARE(int(m_last->outside.port), 61001);
        m_mapping.reset();
        QTRY_VERIFY((m_router->turn(), m_router->mapped == 0));
    }

    /// A router decides for how long: whoever waits for longer is cut off in between.
    void aShortGrantIsRenewedSooner()
    {
        m_router->grantsMax = 600;
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::Mapped));
        QCOMPARE(m_last->lifetime.count(), 600);
        const int asked = m_router->asked;
        m_now += Millis{299'999};
        QVERIFY(turn().empty());
        QVERIFY(m_mapping->wakeAt() == m_now + Millis{1});
        m_now += Millis{1};
        (void)turn();
        QTRY_VERIFY((turn(), m_router->asked > asked));
    }

    void aPortIsGivenBackWhenItIsWantedNoMore()
    {
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::Mapped));
        m_mapping->setWanted(false, m_now);
        QVERIFY(becomes(Result::Off));
        QTRY_VERIFY((m_router->turn(), m_router->mapped == 0));
    }

    void anotherNetworkIsAskedAnew()
    {
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::Mapped));
        m_router->outside = {198, 51, 100, 9};
        m_mapping->networkChanged(m_now);
        QVERIFY(becomes(Result::Mapped));
        QCOMPARE(m_last->outside.host, std::string("198.51.100.9"));
    }

    void whatARouterRefusesIsTold_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<bool>("isPrivate");
        QTest::addColumn<Result>("result");
        QTest::newRow("not authorised") << 2 << false << Result::Refused;
        QTest::newRow("another version") << 1 << false << Result::Refused;
        QTest::newRow("no network outside") << 3 << false << Result::Refused;
        QTest::newRow("behind another router") << 0 << true << Result::BehindAnother;
    }
    void whatARouterRefusesIsTold()
    {
        QFETCH(int, error);
        QFETCH(bool, isPrivate);
        QFETCH(Result, result);
        m_router->error = error;
        if (isPrivate)
            m_router->outside = {100, 64, 1, 1};
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(result));
        const int asked = m_router->asked;
        m_now += PortMapping::kTryAgainAfter - Millis{1};
        QVERIFY(turn().empty());
        QCOMPARE(m_router->asked, asked);
        m_router->error = 0; // it may learn
        m_router->outside = {203, 0, 113, 7};
        m_now += Millis{1};
        QVERIFY(becomes(Result::Mapped));
    }

    void aSilentRouterIsGivenUp()
    {
        m_router->isSilent = true;
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::Asking));
        m_now += PortMapping::kPatience;
        QVERIFY(becomes(Result::NoAnswer));
        QVERIFY(!m_mapping->fd());
        QVERIFY(m_mapping->wakeAt() == m_now + PortMapping::kTryAgainAfter);
    }

    void whereNobodyListensIsTold()
    {
        m_router.reset();
        m_mapping->setWanted(true, m_now);
        QVERIFY(becomes(Result::NoAnswer));
    }

private:
    std::vector<MeshEvent> turn()
    {
        auto events = m_mapping->turn(m_now);
        if (m_router)
            m_router->turn();
        return events;
    }
    /// Waits until it is told from now on, in real time: the library keeps its own.
    bool becomes(Result result)
    {
        m_last.reset();
        return QTest::qWaitFor([&] {
            for (const MeshEvent &event : turn())
                m_last = std::get<PortMapped>(event);
            return m_last && m_last->result == result;
        });
    }

    std::unique_ptr<test::NatRouter> m_router;
    std::unique_ptr<PortMapping> m_mapping;
    std::optional<PortMapped> m_last;
    MonoTime m_now;
};

QTEST_GUILESS_MAIN(PortMappingTest)
#include "port_mapping_test.moc"
