#include "tests/support/removal.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

/// Views and the texts under them: openings that cross with edits, documents that come and go, and
/// drafts over a text that is replaced.
class ViewsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anEditThatCrossesWithAnOpeningIsVoid();
    void aViewOfADocumentThatIsNotHereYetOpensWhenItComes();
    void aDraftOutlivesTheTextAroundIt();
    void aDraftOutlivesItsDocument();
    void manyUnsentChangesAreMarkedLessOften();

private:
    void begin(std::size_t people)
    {
        m_group = std::make_unique<SmallGroup>(people);
        m_group->submit(0, api::CreateDocument{1, "t", "one "});
        m_group->run(3s);
        m_doc = m_group->at(0).snapshot().documents.front().doc;
    }
    [[nodiscard]] std::string text(std::size_t i) { return *m_group->at(i).text(m_doc); }
    void edit(std::size_t i, std::uint64_t serial, TextPatch patch, std::uint64_t opening = 0)
    {
        m_group->submit(
            i,
            api::EditText{
                m_doc, 1, 0, serial, {std::move(patch)}, api::EditText::Cause::Typing, opening});
    }
    [[nodiscard]] std::vector<api::DocumentOpened> openings(std::size_t i)
    {
        std::vector<api::DocumentOpened> found;
        for (const api::Event &event : m_group->takeEvents(i))
            if (const auto *opened = std::get_if<api::DocumentOpened>(&event))
                found.push_back(*opened);
        return found;
    }
    void cut(std::size_t i)
    {
        for (std::size_t other = 0; other < m_group->size(); ++other)
            if (other != i)
                m_group->cut(i, other);
    }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
};

void ViewsTest::anEditThatCrossesWithAnOpeningIsVoid()
{
    begin(2);
    m_group->subscribe(0);
    m_group->submit(0, api::OpenDocument{m_doc, 1});
    (void)m_group->takeEvents(0);
    edit(0, 2, {0, 0, "lost "}); // without the first: the view and the engine lost each other
    const auto opened = openings(0);
    QCOMPARE(opened.size(), std::size_t{1});
    QCOMPARE(opened.front().opening, std::uint64_t{1});
    // It speaks of the text that was shown before, and has the number of a first edit.
    edit(0, 1, {0, 4, "old "});
    QCOMPARE(text(0), "one ");
    QVERIFY(openings(0).empty());
    edit(0, 1, {0, 0, "two "}, opened.front().opening);
    QCOMPARE(text(0), "two one ");
}

void ViewsTest::aViewOfADocumentThatIsNotHereYetOpensWhenItComes()
{
    begin(2);
    m_group->cut(0, 1);
    m_group->submit(1, api::CreateDocument{2, "u", "theirs"});
    m_group->run(1s);
    const auto isNew = [&](const auto &document) { return document.doc != m_doc; };
    const auto documents = m_group->at(1).snapshot().documents;
    const DocIndex later = std::ranges::find_if(documents, isNew)->doc;
    m_group->subscribe(0);
    m_group->submit(0, api::OpenDocument{later, 7});
    QVERIFY(openings(0).empty());
    m_group->join(0, 1);
    m_group->run(3s);
    const auto opened = openings(0);
    QCOMPARE(opened.size(), std::size_t{1});
    QCOMPARE(opened.front().view, std::uint64_t{7});
    QCOMPARE(opened.front().text, "theirs");
}

/// While 0 may not sign yet, the words of a member before its draft turn out to be void: they go in
/// one piece, with the history that held them, and the draft stays.
void ViewsTest::aDraftOutlivesTheTextAroundIt()
{
    begin(7);
    m_group->guardStarts();
    m_group->restart(0);
    m_group->run(3s);
    cut(0);
    for (std::size_t i : {1U, 2U, 3U, 4U, 5U})
        m_group->cut(6, i);
    m_group->join(0, 6);
    m_group->submit(6, api::OpenDocument{m_doc, 1});
    edit(6, 1, {0, 0, "backdated "});
    m_group->run(3s);
    QCOMPARE(text(0), "backdated one ");
    m_group->cut(0, 6);
    m_group->restart(0);
    m_group->subscribe(0);
    m_group->submit(0, api::OpenDocument{m_doc, 1});
    edit(0, 1, {10, 0, "draft "});
    QVERIFY(m_group->at(0).hasDrafts());

    removeMember(*m_group, 1, 6, {2, 3, 4, 5});
    QCOMPARE(m_group->at(1).configuration().epoch, Epoch(1));
    QVERIFY(m_group->at(0).hasDrafts());
    for (std::size_t i : {1U, 2U, 3U, 4U, 5U})
        m_group->join(0, i);
    m_group->run(10s);
    QCOMPARE(m_group->at(0).configuration().epoch, Epoch(1));
    QVERIFY(!m_group->at(0).hasDrafts());
    QCOMPARE(text(0), "draft one ");
    QCOMPARE(text(1), "draft one ");
    QCOMPARE(openings(0).back().text, "draft one ");
}

/// All that made the document of a draft turns out to be void, and then honest work comes that
/// stands on it. The draft has waited for that.
void ViewsTest::aDraftOutlivesItsDocument()
{
    constexpr std::size_t kAway = 8;
    constexpr std::size_t kMalory = 9;
    begin(10);
    m_group->guardStarts();
    m_group->restart(0);
    m_group->run(3s);
    for (const std::size_t i : {std::size_t{0}, kAway, kMalory})
        cut(i);
    m_group->join(kMalory, 0);
    m_group->join(kMalory, kAway);
    m_group->submit(kMalory, api::CreateDocument{2, "u", "backdated "});
    m_group->run(3s);
    const DocIndex first = m_doc;
    for (const auto &document : m_group->at(0).snapshot().documents)
        m_doc = document.doc == first ? m_doc : document.doc;
    QVERIFY(m_doc != first);
    cut(0);
    cut(kMalory);
    m_group->submit(kAway, api::OpenDocument{m_doc, 1});
    edit(kAway, 1, {0, 0, "honest "});
    m_group->submit(kAway, api::Flush{});
    m_group->restart(0);
    m_group->subscribe(0);
    m_group->submit(0, api::OpenDocument{m_doc, 1});
    edit(0, 1, {0, 0, "draft "});
    QVERIFY(m_group->at(0).hasDrafts());

    removeMember(*m_group, 1, kMalory, {2, 3, 4, 5, 6, 7});
    for (std::size_t i = 1; i < kAway; ++i)
        m_group->join(0, i);
    m_group->run(10s);
    QCOMPARE(m_group->at(0).configuration().epoch, Epoch(1));
    QVERIFY(!m_group->at(0).text(m_doc).has_value());
    QVERIFY(m_group->at(0).hasDrafts());
    for (std::size_t i = 0; i < kAway; ++i)
        m_group->join(i, kAway);
    m_group->run(10s);
    QVERIFY(!m_group->at(0).hasDrafts());
    for (std::size_t i = 0; i <= kAway; ++i) {
        QVERIFY(text(i).contains("draft "));
        QVERIFY(text(i).contains("honest "));
        QVERIFY(!text(i).contains("backdated "));
    }
}

/// To mark what nobody else holds yet each change of it is looked at: whoever writes alone for long
/// would do little else in the end.
void ViewsTest::manyUnsentChangesAreMarkedLessOften()
{
    constexpr int kChanges = 3000;
    constexpr int kSeconds = 3;
    begin(2);
    m_group->cut(0, 1);
    m_group->subscribe(0);
    m_group->submit(0, api::OpenDocument{m_doc, 1});
    const auto write = [this] {
        const TextPatches patches{{0, 0, "x"}};
        m_group->step(0, engine::EditAsOf{m_doc, {}, patches});
    };
    for (int i = 0; i < kChanges; ++i)
        write();
    m_group->run(1s);
    (void)m_group->takeEvents(0);
    for (int i = 0; i < kSeconds * 20; ++i) {
        write();
        m_group->run(50ms);
    }
    const auto events = m_group->takeEvents(0);
    const auto marked = std::ranges::count_if(events, [](const api::Event &event) {
        return std::holds_alternative<api::AgreementChanged>(event);
    });
    QVERIFY2(marked >= kSeconds && marked <= kSeconds * 5, qPrintable(QString::number(marked)));
}

QTEST_GUILESS_MAIN(ViewsTest)
#include "views_test.moc"
