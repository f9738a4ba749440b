#include "core/base/random.h"
#include "core/crdt/span_tree.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

const std::vector<std::string> kAlphabet{"a", "\xC3\xA9", "\n", "\xE2\x82\xAC", "\xF0\x9F\x8C\x8D"};

/// The counted tree beside a plain list of letters.
class Twins {
public:
    Twins(std::uint64_t seed, bool isAscii)
        : m_random(seed)
        , m_letters(isAscii ? 1 : kAlphabet.size())
    {
    }

    /// New letters beside any letter, or where the last ones ended.
    void insert(std::uint32_t lengthMax, bool goesOn)
    {
        const auto count = static_cast<std::uint32_t>(m_random.below(lengthMax) + 1);
        std::string text;
        std::vector<Letter> added;
        const std::uint32_t hidden =
            !goesOn && m_random.below(4) == 0 ? static_cast<std::uint32_t>(m_random.below(3)) : 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::string &letter = kAlphabet[m_random.below(m_letters)];
            text += letter;
            added.push_back({m_next + i, hidden, letter});
        }
        std::size_t place = goesOn ? m_last : m_random.below(m_order.size());
        bool isBefore = !goesOn && place > 0 && m_random.below(2) == 0;
        // As a typist: what is seen before is looked for by its offset, which makes its leaf hot.
        if (m_order[place].hidden == 0)
            QCOMPARE(m_tree.find(offsetOf(place)).id(), m_order[place].id);
        const TextOffset at = offsetOf(place) + (m_order[place].hidden == 0 ? 1 : 0);
        const bool isAtLast = !isBefore && m_order[place].id + 1 == m_next;
        if (isAtLast && hidden == 0 && m_tree.isTyping(at, m_next))
            m_tree.extend(count, text), ++m_typed;
        else
            m_tree.insertBeside(m_tree.spotOf(m_order[place].id),
                                isBefore ? Side::Left : Side::Right, {m_next, count, hidden}, text);
        place += isBefore ? 0 : 1;
        m_order.insert(m_order.begin() + std::ptrdiff_t(place), added.begin(), added.end());
        m_last = place + count - 1;
        m_next += count;
    }

    /// Letters of one span are hidden, shown, or hidden for another reason.
    void hide(std::uint32_t lengthMax)
    {
        if (m_order.size() == 1)
            return;
        const std::size_t place = m_random.below(m_order.size() - 1) + 1;
        // As a typist finds it, or as an op of another names it.
        const bool isByOffset = m_order[place].hidden == 0 && m_random.below(3) > 0;
        const SpanTree::Spot spot =
            isByOffset ? m_tree.find(offsetOf(place)) : m_tree.spotOf(m_order[place].id);
        QCOMPARE(spot.id(), m_order[place].id);
        const std::uint32_t most = std::min(spot.span().length - spot.offset, lengthMax);
        const auto count = static_cast<std::uint32_t>(m_random.below(most) + 1);
        const auto hidden = static_cast<std::uint32_t>(m_random.below(3));
        std::string text;
        for (std::size_t i = place; i < place + count; ++i) {
            m_order[i].hidden = hidden;
            text += m_order[i].text;
        }
        const bool isAtBorder =
            hidden != 0 && m_random.below(2) == 0 && m_tree.hideAtBorder(spot, count, hidden);
        if (!isAtBorder)
            m_tree.setHidden(spot, count, hidden, text);
    }

    /// One more hides what stands in a row, but for some of what was hidden there before.
    void hideMany(std::uint32_t lengthMax)
    {
        std::vector<SpanTree::Letters> pieces;
        const std::size_t from = m_random.below(m_order.size()) + 1;
        const std::size_t to = std::min(from + m_random.below(lengthMax) + 1, m_order.size());
        for (std::size_t i = from; i < to; ++i) {
            Letter &letter = m_order[i];
            if (letter.hidden != 0 && m_random.below(3) == 0)
                continue;
            letter.hidden += 2;
            if (!pieces.empty() && pieces.back().first + pieces.back().count == letter.id)
                ++pieces.back().count;
            else
                pieces.push_back({letter.id, 1});
        }
        for (std::size_t i = 0; i < pieces.size(); i += pieces[i].count == 0 ? 1 : 0) {
            const SpanTree::Spot spot = m_tree.spotOf(pieces[i].first);
            const Span span = spot.span();
            if (spot.offset == 0 && pieces[i].count >= span.length) {
                i += m_tree.hideSpans(spot, std::span(pieces).subspan(i), 2).pieces;
                ++m_batches;
                if (i == pieces.size())
                    break;
                continue;
            }
            const std::uint32_t here = std::min(pieces[i].count, span.length - spot.offset);
            m_tree.setHidden(spot, here, span.hidden + 2, {});
            pieces[i].first += here;
            pieces[i].count -= here;
        }
    }

    void compare() const
    {
        m_tree.checkInvariants();
        std::string text;
        std::vector<std::pair<LocalId, TextOffset>> seen;
        TextOffset at = 0;
        for (std::size_t i = 0; i < m_order.size(); ++i) {
            const Letter &letter = m_order[i];
            const SpanTree::Spot spot = m_tree.spotOf(letter.id);
            QCOMPARE(spot.id(), letter.id);
            QCOMPARE(spot.span().hidden, letter.hidden);
            QCOMPARE(m_tree.offsetOf(spot), at);
            QCOMPARE(m_tree.after(spot), i + 1 < m_order.size() ? m_order[i + 1].id : kRootId);
            if (letter.hidden != 0)
                continue;
            QCOMPARE(m_tree.find(at).id(), letter.id);
            seen.emplace_back(letter.id, at++);
            text += letter.text;
        }
        QCOMPARE(m_tree.length(), at);
        std::string read;
        m_tree.appendText(0, at, read);
        QVERIFY(read == text);
        std::vector<std::pair<LocalId, TextOffset>> visited;
        m_tree.forEachVisible(0, at, [&](LocalId first, TextOffset from, TextOffset length) {
            for (TextOffset i = 0; i < length; ++i)
                visited.emplace_back(first + i, from + i);
        });
        QVERIFY(visited == seen);
    }

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }
    [[nodiscard]] int typed() const { return m_typed; }
    [[nodiscard]] int batches() const { return m_batches; }

private:
    struct Letter {
        LocalId id = kRootId;
        std::uint32_t hidden = SpanTree::kRootHidden;
        std::string text;
    };
    [[nodiscard]] TextOffset offsetOf(std::size_t place) const
    {
        return static_cast<TextOffset>(
            std::count_if(m_order.begin(), m_order.begin() + std::ptrdiff_t(place),
                          [](const Letter &letter) { return letter.hidden == 0; }));
    }

    SeededRandom m_random;
    std::size_t m_letters;
    SpanTree m_tree;
    std::vector<Letter> m_order{Letter{}};
    std::size_t m_last = 0; ///< the latest letter's place
    LocalId m_next = 1;
    int m_typed = 0;
    int m_batches = 0; ///< times that spans were hidden together
};

} // namespace

/// Spans, offsets and the text beside them against a plain list.
class SpanTreeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyHoldsTheRoot()
    {
        const SpanTree tree;
        QCOMPARE(tree.length(), 0U);
        const SpanTree::Spot root = tree.spotOf(kRootId);
        QCOMPARE(tree.after(root), kRootId);
        QCOMPARE(tree.offsetOf(root), 0U);
        tree.checkInvariants();
    }

    void agreesWithAList_data()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("goesOnInTen");
        QTest::addColumn<int>("hidesInTen");
        QTest::addColumn<int>("lengthMax");
        QTest::addColumn<bool>("isAscii");
        QTest::newRow("anywhere") << 3000 << 0 << 0 << 3 << false;
        QTest::newRow("typing") << 6000 << 9 << 1 << 1 << true;
        QTest::newRow("typing of many tongues") << 6000 << 8 << 3 << 2 << false;
        QTest::newRow("mostly hiding") << 4000 << 3 << 7 << 9 << false;
        QTest::newRow("long texts") << 60 << 3 << 4 << 3000 << false;
        QTest::newRow("long ASCII") << 60 << 3 << 4 << 5000 << true;
    }

    void agreesWithAList()
    {
        QFETCH(int, steps);
        QFETCH(int, goesOnInTen);
        QFETCH(int, hidesInTen);
        QFETCH(int, lengthMax);
        QFETCH(bool, isAscii);
        Twins twins(std::uint64_t(steps * 100 + goesOnInTen * 10 + hidesInTen), isAscii);
        for (int i = 1; i <= steps; ++i) {
            if (twins.below(10) < std::uint64_t(hidesInTen))
                twins.hide(std::uint32_t(lengthMax));
            else if (hidesInTen > 0 && twins.below(20) == 0)
                twins.hideMany(std::uint32_t(lengthMax) * 20);
            else
                twins.insert(std::uint32_t(lengthMax),
                             twins.below(10) < std::uint64_t(goesOnInTen));
            if (i % (steps / 10) == 0)
                twins.compare();
        }
        QVERIFY(hidesInTen == 0 || twins.batches() > 0);
        QVERIFY(goesOnInTen < 8 || twins.typed() > steps / 4);
    }
};

QTEST_APPLESS_MAIN(SpanTreeTest)
#include "span_tree_test.moc"
