#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using Mode = api::EditText::Mode;

/// What is typed while a folder may not sign: suggestions among it, and what never may be signed.
class DraftsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void suggestionsAreSuggestedLater();
    void aDraftThatSuggestsOutlivesAStart();
    void wordsWithoutAPenAreKept();

private:
    /// 0 has started again and has not heard anybody.
    void startAlone()
    {
        m_group->restart(0);
        m_group->subscribe(0);
        m_group->submit(0, api::OpenDocument{m_doc, 1});
        m_serial = 0;
        (void)m_group->takeEvents(0);
    }
    void edit(const TextPatches &patches, Mode mode, std::vector<api::Styling> stylings = {})
    {
        api::EditText edit{m_doc, 1, 0, ++m_serial, patches, api::EditText::Cause::Typing, 0};
        edit.stylings = std::move(stylings);
        edit.mode = mode;
        m_group->submit(0, edit);
    }
    void cutOff()
    {
        for (std::size_t i = 1; i < m_group->size(); ++i)
            m_group->cut(0, i);
    }
    void meet()
    {
        for (std::size_t i = 1; i < m_group->size(); ++i)
            m_group->join(0, i);
        m_group->run(10s);
    }
    [[nodiscard]] std::string text(std::size_t i) { return *m_group->at(i).text(m_doc); }

    /// The last that was told of a kind.
    template <typename Event>
    [[nodiscard]] std::optional<Event> told(std::size_t i)
    {
        std::optional<Event> last;
        for (const api::Event &event : m_group->takeEvents(i))
            if (const auto *it = std::get_if<Event>(&event))
                last = *it;
        return last;
    }
    /// What 1 sees of it.
    [[nodiscard]] api::Suggestion seenByOther()
    {
        m_group->subscribe(1);
        (void)m_group->takeEvents(1);
        m_group->submit(1, api::OpenDocument{m_doc, 1});
        m_group->run(2s);
        const auto event = told<api::SuggestionsChanged>(1);
        return event && event->suggestions.size() == 1 ? event->suggestions.front()
                                                       : api::Suggestion{};
    }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
    std::uint64_t m_serial = 0;
};

void DraftsTest::init()
{
    m_group = std::make_unique<SmallGroup>(4);
    m_group->submit(0, api::CreateDocument{1, "t", "one two three"});
    m_group->run(3s);
    m_doc = m_group->at(0).snapshot().documents.front().doc;
    m_group->guardStarts();
    m_group->restart(0);
    m_group->run(3s);
    cutOff();
    startAlone();
}

/// Letters that should go are not taken from anybody, and what was typed is not lost.
void DraftsTest::suggestionsAreSuggestedLater()
{
    edit({{4, 0, "new "}}, Mode::Suggesting);
    edit({}, Mode::Suggesting, {{8, 11, {{api::kStruckLook, "1"}}, false}}); // "two"
    QVERIFY(m_group->at(0).hasDrafts());
    QCOMPARE(told<api::DocumentOpened>(0)->text, "one new  three"); // as it would be
    meet();
    QVERIFY(!m_group->at(0).hasDrafts());
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(text(i), "one new two three");
    QCOMPARE(told<api::DocumentOpened>(0)->text, "one new two three");
    const api::Suggestion seen = seenByOther();
    QCOMPARE(seen.added, "new ");
    QCOMPARE(seen.removed, "two");
    QCOMPARE(seen.member, MemberIndex(0));
}

void DraftsTest::aDraftThatSuggestsOutlivesAStart()
{
    edit({{0, 0, "mine "}}, Mode::Writing);
    edit({{5, 3, "ONE"}}, Mode::Suggesting); // with it all of the draft is one
    m_group->run(1s);
    startAlone();
    QVERIFY(m_group->at(0).hasDrafts());
    edit({{0, 0, "all "}}, Mode::Writing);
    meet();
    QCOMPARE(text(1), "all mine oneONE two three");
    const api::Suggestion seen = seenByOther();
    QCOMPARE(seen.added, "all mine  \u2026 ONE");
    QCOMPARE(seen.removed, "one");
    QVERIFY(!m_group->at(0).hasDrafts());
    startAlone(); // nor is there anything of it on the disk
    QVERIFY(!m_group->at(0).hasDrafts());
}

/// Whoever is removed before his draft was signed keeps its words on his computer.
void DraftsTest::wordsWithoutAPenAreKept()
{
    edit({{4, 3, "2"}}, Mode::Writing); // for "two"
    edit({{11, 0, " four"}}, Mode::Writing);
    api::Wish wish;
    wish.kind = api::Wish::Kind::RemoveMember;
    wish.member = MemberIndex(0);
    m_group->submit(1, api::Propose{1, wish});
    m_group->run(200ms);
    const Hash id = m_group->at(2).decisions().open.front().id;
    for (const std::size_t i : {2U, 3U})
        m_group->submit(i, api::Vote{2, id, true});
    m_group->run(7s);
    meet();
    QVERIFY(!m_group->at(0).hasDrafts());
    QCOMPARE(text(0), "one two three");
    const auto check = [this](const api::RejectedChanged &rejected) {
        QCOMPARE(rejected.rejected.size(), std::size_t{1});
        const api::RejectedInfo &kept = rejected.rejected.front();
        QCOMPARE(kept.text, "2 four");
        QCOMPARE(kept.doc, m_doc);
        QCOMPARE(kept.device, m_group->at(0).me());
        QVERIFY(kept.by.has_value());
        m_group->submit(0, api::ReadRejected{7, {kept.change}});
        const auto read = told<api::RejectedRead>(0);
        QVERIFY(read.has_value());
        QCOMPARE(read->text, "2 four");
        QVERIFY(read->hasPlace);
        QCOMPARE(read->before, std::string("one two")); // what it would have replaced is there
    };
    const auto before = told<api::RejectedChanged>(0);
    QVERIFY(before.has_value());
    check(*before);
    m_group->restart(0);
    m_group->subscribe(0);
    m_group->run(1s);
    const auto after = told<api::RejectedChanged>(0);
    QVERIFY(after.has_value());
    check(*after);
}

QTEST_GUILESS_MAIN(DraftsTest)
#include "drafts_test.moc"
