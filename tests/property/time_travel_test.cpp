#include "tests/support/plain_rich.h"
#include "tests/support/random_worlds.h"
#include "tests/support/rich_world.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::PlainRich;
using nlbd::test::RichWorld;

namespace {

Delta allOf(const Document &document)
{
    return document.content(0, document.length());
}

/// A person with views: what each shows follows what it is told.
struct Viewer {
    RichWorld::Replica *replica;
    PlainRich view;

    void mustShow() const { CHECK(view.content() == allOf(replica->document)); }
    void follow(const TextPatches &patches)
    {
        const auto restyled = replica->document.takeRestyled();
        view.apply(replica->document.deltaOf(patches, restyled));
        mustShow();
    }
};

class Course {
public:
    Course(std::uint64_t seed, std::size_t people)
        : m_world(seed, people)
    {
        for (RichWorld::Replica &replica : m_world.replicas)
            m_viewers.push_back({&replica, {}});
    }

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i)
            step();
        for (Viewer &viewer : m_viewers) {
            for (const RichWorld::Replica &other : m_world.replicas)
                catchUp(viewer, other);
            viewer.replica->document.checkInvariants();
            travel(*viewer.replica);
        }
    }

private:
    void step()
    {
        Viewer &viewer = m_viewers[m_world.below(m_viewers.size())];
        RichWorld::Replica &replica = *viewer.replica;
        const std::uint64_t what = m_world.below(12);
        if (what < 4) {
            (void)m_world.write(replica);
            viewer.view = PlainRich(allOf(replica.document));
        } else if (what < 6) {
            edit(viewer);
        } else if (what < 7) {
            const ChangeHandle change = m_world.craft(replica);
            viewer.follow(replica.document.apply(change, m_world.ops.at(change)));
        } else if (what < 8 && !replica.known.empty()) {
            const ChangeHandle change = replica.known[m_world.below(replica.known.size())];
            const bool isVoid = m_world.below(2) == 0;
            viewer.follow(replica.document.setVoid(change, isVoid));
            if (isVoid)
                replica.voids.insert(change);
            else
                replica.voids.erase(change);
        } else if (what < 9) {
            travel(replica);
        } else {
            catchUp(viewer, m_world.anyone());
        }
    }

    /// A delta as a view makes it: the document does to itself what the model does.
    void edit(Viewer &viewer)
    {
        Document &document = viewer.replica->document;
        const Delta delta = anyDelta(document.length());
        CHECK(fits(delta, document.length()));
        Draft draft{m_world.history.open(viewer.replica->device), {}, 0};
        document.edit(delta, draft);
        CHECK(draft.next == idsTakenBy(draft.ops));
        (void)m_world.finish(*viewer.replica, std::move(draft));
        viewer.view.apply(delta);
        viewer.mustShow();
    }

    Delta anyDelta(TextOffset length)
    {
        Delta delta;
        TextOffset left = length;
        for (std::uint64_t i = m_world.below(5) + 1; i > 0; --i) {
            DeltaStep step;
            step.kind = static_cast<DeltaStep::Kind>(m_world.below(3));
            for (std::uint64_t k = m_world.below(3); k > 0; --k) {
                const bool isMark = m_world.below(2) == 0;
                const std::string &key = isMark ? m_world.markKey() : m_world.letterKey();
                step.attributes[key] = m_world.value();
            }
            if (step.kind == DeltaStep::Kind::Insert) {
                step.text = m_world.word();
            } else {
                step.length = m_world.offset(std::min<TextOffset>(left, 9) + 1);
                left -= step.length;
            }
            if (step.kind == DeltaStep::Kind::Delete)
                step.attributes.clear();
            delta.push_back(step);
        }
        if (m_world.below(4) == 0)
            delta.push_back({DeltaStep::Kind::Retain, left + 1, {}, {{"block", m_world.value()}}});
        return delta;
    }

    void catchUp(Viewer &viewer, const RichWorld::Replica &from)
    {
        for (const ChangeHandle change : from.known) {
            if (RichWorld::knows(*viewer.replica, change))
                continue;
            viewer.replica->known.push_back(change);
            viewer.follow(viewer.replica->document.apply(change, m_world.ops.at(change)));
        }
    }

    // ---- Time travel ---------------------------------------------------------------------------

    /// A document that never heard of anything else.
    std::unique_ptr<Document> documentOf(const RichWorld::Replica &replica,
                                         const std::vector<ChangeHandle> &changes)
    {
        auto document = std::make_unique<Document>(m_world.history);
        for (const ChangeHandle change : changes)
            document->integrate(change, m_world.ops.at(change));
        for (const ChangeHandle change : replica.voids)
            (void)document->setVoid(change, true);
        return document;
    }

    void travel(const RichWorld::Replica &replica)
    {
        const auto before = m_world.frontier(replica);
        const auto after = m_world.frontier(replica);
        const auto then = documentOf(replica, before);
        const auto later = documentOf(replica, after);
        const auto isIn = [](const std::vector<ChangeHandle> &changes) {
            return [&changes](ChangeHandle it) { return std::ranges::binary_search(changes, it); };
        };
        const Document &document = replica.document;
        CHECK(document.textAt(isIn(before)) == then->text());
        CHECK(document.contentAt(isIn(before)) == allOf(*then));
        CHECK(document.fieldAt("title", isIn(before)) == then->field("title"));
        PlainRich model(allOf(*then));
        const auto steps = document.difference(isIn(before), isIn(after));
        Delta delta;
        for (const AuthoredStep &it : steps)
            delta.push_back(it.step);
        model.apply(delta);
        CHECK(model.content() == allOf(*later));
        mustName(steps, replica, *then, before, after);
        for (std::size_t i = 1; i < steps.size(); ++i) {
            const bool isJoined = steps[i].step.kind != steps[i - 1].step.kind
                || steps[i].author != steps[i - 1].author
                || steps[i].step.attributes != steps[i - 1].step.attributes
                || steps[i].formattedBy != steps[i - 1].formattedBy;
            CHECK(isJoined);
        }
    }

    /// Goes through the letters of the document as it is known to `then` and looks up who did it.
    void mustName(const std::vector<AuthoredStep> &steps, const RichWorld::Replica &replica,
                  const Document &then, const std::vector<ChangeHandle> &before,
                  const std::vector<ChangeHandle> &after)
    {
        std::vector<OpId> letters;
        for (const Document::Run &run : then.runs(0, then.length()))
            for (std::uint32_t i = 0; i < run.length; ++i)
                letters.push_back({run.first.change, run.first.index + i});
        std::size_t at = 0;
        for (const AuthoredStep &it : steps) {
            const bool isDeletion = it.step.kind == DeltaStep::Kind::Delete;
            if (it.step.kind == DeltaStep::Kind::Insert)
                CHECK(std::ranges::binary_search(after, it.author));
            for (std::uint32_t i = 0; isDeletion && i < it.step.length; ++i)
                CHECK(removerOf(letters[at + i], replica, before, after) == it.author);
            for (const auto &[key, author] : it.formattedBy)
                CHECK(setsKey(author, key) && it.step.attributes.contains(key));
            CHECK(it.formattedBy.size() == it.step.attributes.size() || !isRetention(it));
            at += it.step.length;
        }
    }

    static bool isRetention(const AuthoredStep &it)
    {
        return it.step.kind == DeltaStep::Kind::Retain;
    }

    bool setsKey(ChangeHandle change, std::string_view key)
    {
        return std::ranges::any_of(m_world.ops.at(change), [&](const Op &op) {
            const auto *mark = std::get_if<SetMark>(&op);
            const auto *attribute = std::get_if<SetAttribute>(&op);
            return (mark != nullptr && mark->key == key)
                || (attribute != nullptr && attribute->key == key);
        });
    }

    ChangeHandle removerOf(OpId letter, const RichWorld::Replica &replica,
                           const std::vector<ChangeHandle> &before,
                           const std::vector<ChangeHandle> &after)
    {
        std::optional<ChangeHandle> first;
        for (const ChangeHandle change : after) {
            if (std::ranges::binary_search(before, change) || replica.voids.contains(change))
                continue;
            for (const Op &op : m_world.ops.at(change)) {
                const auto *it = std::get_if<DeleteText>(&op);
                const bool isIt = it != nullptr && it->first.change == letter.change
                    && it->first.index <= letter.index
                    && letter.index < it->first.index + it->length;
                if (isIt && (!first || m_world.history.isBefore(change, *first)))
                    first = change;
            }
        }
        return first.value_or(letter.change);
    }

    RichWorld m_world;
    std::vector<Viewer> m_viewers;
};

} // namespace

/// Random people who write and format: what a document was at any frontier is what a document is
/// that knows no more, differences lead from one to the other, and views that follow deltas show
/// what there is.
class TimeTravelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyFrontierIsADocument_data()
    {
        QTest::addColumn<int>("people");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("one") << 1 << 8 << 1500;
        QTest::newRow("two") << 2 << 14 << 1000;
        QTest::newRow("three") << 3 << 30 << 300;
        QTest::newRow("three, long") << 3 << 120 << 15;
    }

    void everyFrontierIsADocument()
    {
        QFETCH(int, people);
        QFETCH(int, steps);
        QFETCH(int, cases);
        test::runWorlds(people, steps, cases,
                        [&](std::uint64_t seed) { Course(seed, std::size_t(people)).run(steps); });
    }
};

QTEST_APPLESS_MAIN(TimeTravelTest)
#include "time_travel_test.moc"
