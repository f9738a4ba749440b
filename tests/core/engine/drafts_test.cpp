#include "tests/support/removal.h"
#include "tests/support/styled_view.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using nlbd::testing::StyledView;
using Mode = api::EditText::Mode;

/// What is typed while a folder may not sign: suggestions among it, and what never may be signed.
class DraftsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void suggestionsAreSuggestedLater();
    void aDraftThatSuggestsOutlivesAStart();
    void wordsWithoutAPenAreKept();
    void manyPlacesAreKeptInRowsThatFit();
    void alteredRowsDoNoHarm();
    void aViewGoesOnWithItsDraft();
    void whatWasFormattedStaysSo();

private:
    /// A workspace in which 0 hears nobody, with a text that looks like this.
    void begin(std::vector<api::Styling> stylings);
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
    begin({});
}

void DraftsTest::begin(std::vector<api::Styling> stylings)
{
    m_group = std::make_unique<SmallGroup>(4);
    m_group->submit(0, api::CreateDocument{1, "t", "one two three"});
    m_group->run(3s);
    m_doc = m_group->at(0).snapshot().documents.front().doc;
    if (!stylings.empty()) {
        m_group->submit(0, api::OpenDocument{m_doc, 1});
        m_serial = 0;
        edit({}, Mode::Writing, std::move(stylings));
        m_group->run(3s);
    }
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
    removeMember(*m_group, 1, 0, {2, 3});
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

/// A row of the disk holds 1 MiB, and a place among others is longer than its word.
void DraftsTest::manyPlacesAreKeptInRowsThatFit()
{
    constexpr TextOffset kPlaces = 11'000;
    meet();
    edit({{0, 0, std::string(kPlaces, '-')}}, Mode::Writing);
    m_group->run(10s);
    cutOff();
    startAlone();
    TextPatches patches;
    for (TextOffset i = 0; i < kPlaces; ++i)
        patches.push_back({2 * i, 0, "x"});
    edit(patches, Mode::Writing);
    QVERIFY(m_group->at(0).hasDrafts());
    removeMember(*m_group, 1, 0, {2, 3});
    meet();
    QVERIFY(!m_group->at(0).hasDrafts());
    const auto told = this->told<api::RejectedChanged>(0);
    QVERIFY(told.has_value());
    std::vector<Hash> all;
    for (const api::RejectedInfo &info : told->rejected)
        all.push_back(info.change);
    QVERIFY(all.size() > 1);
    m_group->submit(0, api::ReadRejected{7, all});
    QCOMPARE(this->told<api::RejectedRead>(0)->text, std::string(kPlaces, 'x'));
    for (const store::MetaRow &row : m_group->folder(0).meta)
        QVERIFY(row.key.size() + row.value.size() < std::size_t{1024} * 1024);
}

/// Whoever has the disk may have written anything on it.
void DraftsTest::alteredRowsDoNoHarm()
{
    edit({{4, 3, "2"}}, Mode::Suggesting);
    m_group->run(1s);
    store::StoredWorkspace folder = m_group->folder(0);
    removeMember(*m_group, 1, 0, {2, 3});
    meet();
    const store::StoredWorkspace later = m_group->folder(0);
    for (store::StoredWorkspace stored : {folder, later}) {
        const auto row = std::ranges::find_if(stored.meta, [](const store::MetaRow &each) {
            return !each.value.empty()
                && (each.key.starts_with("suggestion.") || each.key.starts_with("unsigned."));
        });
        QVERIFY(row != stored.meta.end());
        const Bytes good = row->value;
        for (std::size_t i = 0; i < 2 * good.size(); ++i) {
            Bytes bad = good;
            if (i < good.size())
                bad.resize(i);
            else
                bad[i - good.size()] ^= std::byte{0xFF};
            row->value = bad;
            m_group->startFrom(0, stored);
            m_group->subscribe(0);
            m_group->run(100ms);
            if (const auto told = this->told<api::RejectedChanged>(0))
                for (const api::RejectedInfo &info : told->rejected)
                    m_group->submit(0, api::ReadRejected{7, {info.change}});
            m_group->submit(0, api::OpenDocument{m_doc, 1});
        }
    }
}

/// Formats are not kept in a draft: its view hears so, letter by letter, and nothing that is typed
/// meanwhile is lost.
void DraftsTest::aViewGoesOnWithItsDraft()
{
    std::mt19937 random(7);
    const auto below = [&](std::size_t bound) {
        return static_cast<TextOffset>(random() % std::max<std::size_t>(1, bound));
    };
    StyledView mine(m_doc, 1);
    const auto give = [&] {
        for (; !mine.outbox.empty(); mine.outbox.pop_front())
            m_group->submit(0, mine.outbox.front());
    };
    std::size_t openings = 0;
    const auto take = [&] {
        for (const api::Event &event : m_group->takeEvents(0)) {
            if (const auto *opened = std::get_if<api::DocumentOpened>(&event))
                openings += opened->view == 1 ? 1U : 0U;
            mine.take(event);
        }
    };
    m_group->submit(0, api::CloseDocument{m_doc, 1});
    m_group->submit(0, api::OpenDocument{m_doc, 1});
    take();
    QCOMPARE(openings, 1U);
    for (int step = 0; step < 300; ++step) {
        const TextOffset at = below(mine.length() + 1);
        std::vector<api::Styling> stylings;
        if (below(2) == 0) {
            const TextOffset from = below(mine.length());
            const TextOffset to = std::min(mine.length(), from + 1 + below(6));
            stylings.push_back({from, to, {{"bold", "1"}}, false});
        }
        if (below(6) == 0)
            stylings.push_back({0, 0, {{"block", "h1"}}, true});
        if (below(4) == 0 && at < mine.length())
            mine.edit({at, 1, {}}, {}, api::EditText::Cause::Typing);
        else
            mine.edit({at, 0, below(5) == 0 ? "\n" : "ab"}, std::move(stylings),
                      api::EditText::Cause::Typing);
        give();
        if (below(3) != 0)
            continue; // what is told crosses with what is typed next
        take();
        StyledView fresh(m_doc, 2);
        m_group->submit(0, api::OpenDocument{m_doc, 2});
        for (const api::Event &event : m_group->takeEvents(0))
            fresh.take(event);
        m_group->submit(0, api::CloseDocument{m_doc, 2});
        QCOMPARE(mine.letters().size(), fresh.letters().size());
        for (std::size_t i = 0; i < fresh.letters().size(); ++i) {
            QCOMPARE(mine.letters()[i].scalar, fresh.letters()[i].scalar);
            const bool isSame = mine.letters()[i].attributes == fresh.letters()[i].attributes;
            QVERIFY2(isSame, qPrintable(QStringLiteral("step %1 letter %2").arg(step).arg(i)));
        }
        QVERIFY(mine.last() == fresh.last());
    }
    QCOMPARE(openings, 1U);
    QVERIFY(m_group->at(0).hasDrafts());
}

/// What was bold before stays so where somebody wants it plain, and the letters around it plain.
void DraftsTest::whatWasFormattedStaysSo()
{
    begin({{4, 7, {{"bold", "1"}}, false}});
    (void)m_group->takeEvents(0);
    edit({{0, 0, "ab "}}, Mode::Writing, {{5, 12, {{"bold", std::nullopt}}, false}});
    const auto event = told<api::TextPatched>(0);
    QVERIFY(event && event->view == 1 && event->patches.empty()); // it has them
    const std::vector<api::Look> kept{
        {5, 7, {}}, {7, 10, {{"bold", "1"}}}, {10, 12, {}}}; // "ab one two three"
    QVERIFY(event->looks.letters == kept);
    QVERIFY(!event->looks.last);
}

QTEST_GUILESS_MAIN(DraftsTest)
#include "drafts_test.moc"
