#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

/// The text database is lost and the journal is left: what was signed here and stands on others'
/// changes can only come back when these do. Until then nothing more is signed, or one place of the
/// chain would get two changes.
class LostTextTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_group = std::make_unique<SmallGroup>(2);
        m_group->submit(1, api::CreateDocument{1, "t", "theirs"});
        m_group->run(2s);
        m_doc = m_group->at(1).snapshot().documents.front().doc;
    }
    void waitsForItsOwnChanges_data()
    {
        QTest::addColumn<bool>("wasSent");
        QTest::newRow("others hold them") << true;
        QTest::newRow("the journal alone holds them") << false;
    }
    void waitsForItsOwnChanges()
    {
        QFETCH(bool, wasSent);
        if (!wasSent)
            m_group->cut(0, 1);
        m_group->submit(0, api::RenameDocument{m_doc, "mine"});
        m_group->submit(0, api::RenameDocument{m_doc, "mine again"});
        m_group->run(2s);
        m_group->cut(0, 1);
        loseText();
        QCOMPARE(m_group->at(0).snapshot().changes, std::size_t{0});

        m_group->subscribe(0);
        (void)m_group->takeEvents(0);
        m_group->submit(0, api::CreateDocument{1, "new", "words"});
        QCOMPARE(m_group->at(0).snapshot().documents.size(), std::size_t{0});
        QVERIFY(saysThatItWaits() && m_group->at(0).isBehindJournal());

        m_group->join(0, 1);
        m_group->run(5s);
        for (std::size_t who : {0U, 1U})
            QCOMPARE(titles(who), std::vector<std::string>{"mine again"});
        QVERIFY(!m_group->at(0).isBehindJournal());
        m_group->submit(0, api::CreateDocument{2, "new", "words"});
        m_group->run(5s);
        for (std::size_t who : {0U, 1U})
            QCOMPARE(titles(who).size(), std::size_t{2});
        QVERIFY(m_group->at(1).evidence().empty());

        // What came back stands on the disk again.
        m_group->cut(0, 1);
        m_group->restart(0);
        QCOMPARE(m_group->at(0).snapshot().documents, m_group->at(1).snapshot().documents);
    }
    void refusesEveryEdit()
    {
        m_group->submit(0, api::RenameDocument{m_doc, "mine"});
        m_group->run(2s);
        m_group->cut(0, 1);
        loseText();
        m_group->step(0, engine::EditAsOf{m_doc, {}, {{0, 0, "words"}}});
        QCOMPARE(m_group->at(0).snapshot().changes, std::size_t{0});
    }

private:
    void loseText()
    {
        const auto stored = m_group->disk(0).load();
        QVERIFY(stored.has_value());
        store::Rows rows(stored->journal.begin(), stored->journal.end());
        m_group->disk(0) = store::MemoryStore();
        QVERIFY(m_group->disk(0).commit(rows, store::Sync::Full).has_value());
        m_group->restart(0);
    }
    [[nodiscard]] bool saysThatItWaits()
    {
        return std::ranges::any_of(m_group->takeEvents(0), [](const api::Event &event) {
            const auto *trouble = std::get_if<api::Trouble>(&event);
            return trouble != nullptr && trouble->kind == api::Trouble::Kind::OwnChangesMissing;
        });
    }
    [[nodiscard]] std::vector<std::string> titles(std::size_t who)
    {
        std::vector<std::string> result;
        for (const auto &document : m_group->at(who).snapshot().documents)
            result.push_back(document.title);
        return result;
    }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
};

QTEST_GUILESS_MAIN(LostTextTest)
#include "lost_text_test.moc"
