#include "crdt_huge.h"

#include "core/base/check.h"
#include "crdt_replay.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace nlbd::bench {

namespace {

constexpr std::size_t kEdits = 10'000'000;
constexpr std::size_t kLetters = 1'000'000;
constexpr std::size_t kSamples = 20'000;
constexpr std::size_t kLettersPerWord = 8;
constexpr double kFrameNs = 1e9 / 60;

/// One change after the other: those of one device, then in turns with another.
class Row final : public crdt::ChangeOrder, public crdt::ChangeResolver {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override
    {
        return a.value < b.value;
    }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past.value <= change.value;
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const crdt::ChangeName &name) const override
    {
        return ChangeHandle(static_cast<std::uint32_t>(name.seq.value));
    }
};

class Names final : public crdt::ChangeNames {
public:
    [[nodiscard]] crdt::ChangeName nameOf(ChangeHandle change) const override
    {
        return {DeviceIndex(0), Seq(change.value), 0};
    }
};

/// Times of one kind of call.
class Times {
public:
    template <typename Call>
    void measure(Call call)
    {
        const auto start = std::chrono::steady_clock::now();
        call();
        const std::chrono::duration<double, std::nano> time =
            std::chrono::steady_clock::now() - start;
        m_ns.push_back(time.count());
    }
    [[nodiscard]] double at(double part)
    {
        std::ranges::sort(m_ns);
        return m_ns[static_cast<std::size_t>(part * static_cast<double>(m_ns.size() - 1))];
    }

private:
    std::vector<double> m_ns;
};

class Huge {
public:
    /// Returns how many edits there were.
    std::size_t write(const test::Trace &trace)
    {
        const auto length = static_cast<TextOffset>(trace.endContent.size());
        std::size_t edits = 0;
        while (edits < kEdits) {
            const TextOffset start = m_document.length();
            for (const test::Trace::Transaction &transaction : trace.transactions) {
                begin();
                for (const TextPatch &patch : transaction.patches) {
                    if (patch.removed > 0)
                        m_document.erase(start + patch.at, patch.removed, m_draft);
                    if (!patch.inserted.empty())
                        m_document.insert(start + patch.at, patch.inserted, m_draft);
                }
                edits += transaction.patches.size();
            }
            if (m_document.length() >= kLetters + length)
                m_document.erase(0, length, m_draft);
        }
        return edits;
    }

    /// A key somewhere, and those that go on with it.
    void type(Times &first, Times &next)
    {
        begin();
        TextOffset at = anywhere();
        first.measure([&] { m_document.insert(at, "w", m_draft); });
        for (std::size_t i = 1; i < kLettersPerWord; ++i) {
            ++at;
            next.measure([&] { m_document.insert(at, "o", m_draft); });
        }
    }

    /// A change of one letter from somebody else: read, checked and applied.
    void receive(Times &times)
    {
        const crdt::OpId parent = m_document.anchorAt(1 + anywhere()).id;
        const ChangeHandle change(++m_changes);
        const crdt::OwnChange own{change, DeviceIndex(1), Seq(change.value)};
        const Bytes bytes =
            crdt::encodeOps({crdt::InsertText{parent, crdt::Side::Right, "r"}}, own, Names());
        times.measure([&] {
            const auto ops = crdt::decodeOps(bytes, own, m_row);
            CHECK(ops.has_value());
            const auto isInPast = [&](ChangeHandle it) { return m_row.isInPast(it, change); };
            CHECK(m_document.check(change, *ops, isInPast).has_value());
            CHECK(m_document.apply(change, *ops).size() == 1);
        });
    }

    void lookUp(Times &anchors, Times &places)
    {
        const TextOffset at = anywhere();
        crdt::Anchor anchor;
        anchors.measure([&] { anchor = m_document.anchorAt(at); });
        static_cast<void>(m_document.anchorAt(anywhere())); // another leaf is at hand
        std::optional<TextOffset> place;
        places.measure([&] { place = m_document.resolve(anchor); });
        CHECK(place == at);
    }

    [[nodiscard]] const crdt::Document &document() const { return m_document; }

private:
    void begin() { m_draft.restart(ChangeHandle(++m_changes)); }
    TextOffset anywhere()
    {
        return std::uniform_int_distribution<TextOffset>(0, m_document.length() - 1)(m_random);
    }

    Row m_row;
    crdt::Document m_document{m_row};
    crdt::Draft m_draft;
    std::uint32_t m_changes = 0;
    std::mt19937 m_random{1};
};

} // namespace

std::vector<Figure> measureHuge(const std::string &name, const test::Trace &trace)
{
    constexpr double kMib = 1024.0 * 1024.0;
    const std::size_t before = heapBytes();
    Huge huge;
    const double start = cpuMs();
    const auto edits = static_cast<double>(huge.write(trace));
    const double writtenMs = cpuMs() - start;
    const auto kept = static_cast<double>(heapBytes() - before);
    const double letters = huge.document().length();
    Times first;
    Times next;
    Times remote;
    Times anchors;
    Times places;
    for (std::size_t i = 0; i < kSamples; ++i) {
        huge.type(first, next);
        huge.receive(remote);
        huge.lookUp(anchors, places);
    }
    std::vector<Figure> figures;
    const auto add = [&](const std::string &what, double value, const char *unit,
                         std::optional<double> goal = std::nullopt) {
        figures.push_back({"crdt_huge_" + what, value, unit, goal, "nlbd", name});
    };
    const auto addTimes = [&](const std::string &what, Times &times) {
        add(what + "_p50", times.at(0.5), "ns");
        add(what + "_p99", times.at(0.99), "ns", kFrameNs);
    };
    add("edits", edits, "edits");
    add("letters", letters, "letters");
    add("edit", writtenMs / edits * 1e6, "ns");
    addTimes("key", next);
    addTimes("key_elsewhere", first);
    addTimes("remote", remote);
    addTimes("position_to_id", anchors);
    addTimes("id_to_position", places);
    add("heap", kept / kMib, "MiB");
    return figures;
}

} // namespace nlbd::bench
