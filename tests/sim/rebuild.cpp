#include "tests/sim/rebuild.h"

#include "core/history/change_codec.h"
#include "core/history/void_rule.h"
#include "tests/support/crdt_oracle.h"

#include <algorithm>
#include <deque>
#include <numeric>

namespace nlbd::sim {

namespace {

/// A computer that only reads: graph, documents and validation, fed by hand.
class Reader {
public:
    Reader(const EpochsSeen &epochs, const identity::Configuration &configuration,
           const identity::SignatureScheme &scheme)
        : m_epochs(epochs)
        , m_configuration(configuration)
        , m_validator(
              m_configuration, m_graph, scheme,
              [this](KeyEpoch epoch) { return m_epochs.key(epoch); },
              [this](DocIndex doc) { return &documentOf(doc).merged; })
    {
    }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    [[nodiscard]] std::expected<Hash, history::Refused>
    take(const history::UnverifiedChange &record, history::SignatureNeed need)
    {
        const auto change = m_validator.validateWanted(record, need);
        if (!change)
            return std::unexpected(change.error());
        Document &document = documentOf(change->header().doc);
        m_graph.add(*change);
        static_cast<void>(document.merged.apply(change->handle(), change->ops()));
        document.plain.apply(change->handle(), change->ops());
        return change->hash();
    }

    /// Takes away what decisions made void; what is left of it are ghosts.
    void hideVoid()
    {
        for (std::uint32_t i = 1; i <= m_graph.size(); ++i) {
            const auto &entry = m_graph.entry(ChangeHandle(i));
            if (history::footingOf(m_configuration, m_graph, entry.device, entry.seq, entry.hash)
                == history::Footing::Inside)
                continue;
            Document &document = documentOf(entry.doc);
            static_cast<void>(document.merged.setVoid(ChangeHandle(i), true));
            document.plain.setVoid(ChangeHandle(i), true);
        }
    }

    [[nodiscard]] std::string faultInTexts(std::map<DocIndex, std::string> &texts) const
    {
        for (const auto &[doc, document] : m_documents) {
            const std::string text = document.plain.text();
            if (text != document.merged.text())
                return "the document engine and the plain tree read the same changes differently";
            texts[doc] = text;
        }
        return {};
    }

private:
    struct Document {
        explicit Document(const crdt::ChangeOrder &order)
            : merged(order)
            , plain(order)
        {
        }
        crdt::Document merged;
        test::CrdtOracle plain;
    };
    Document &documentOf(DocIndex doc)
    {
        return m_documents.try_emplace(doc, m_graph).first->second;
    }

    const EpochsSeen &m_epochs;
    const identity::Configuration &m_configuration;
    history::CausalGraph m_graph;
    std::map<DocIndex, Document> m_documents;
    history::Validator m_validator;
};

/// What became of a record: 0 accepted, otherwise the code it was refused with.
using Verdicts = std::vector<int>;

constexpr int kAccepted = 0;
constexpr int kWaiting = -1;
constexpr int kNeutral =
    -2; ///< held already, or another copy was: says nothing of the record itself

int verdictOf(const history::Refused &why)
{
    using Kind = history::Refused::Kind;
    switch (why.kind) {
    case Kind::NeedsParents:
        return kWaiting;
    case Kind::Duplicate:
        return kNeutral;
    case Kind::NeedsEpoch:
    case Kind::Fork:
    case Kind::Ignore:
    case Kind::Reject:
    case Kind::Invalid:
    case Kind::Refetch:
        break;
    }
    return static_cast<int>(why.code);
}

Verdicts feed(Reader &reader, const std::vector<history::UnverifiedChange> &records,
              const std::vector<std::size_t> &order)
{
    Verdicts verdicts(records.size(), kWaiting);
    std::deque<std::size_t> open(order.begin(), order.end());
    std::multimap<Hash, std::size_t> waiting;
    while (!open.empty()) {
        const std::size_t next = open.front();
        open.pop_front();
        const auto taken = reader.take(records[next], history::SignatureNeed::Check);
        if (taken) {
            verdicts[next] = kAccepted;
            const auto [first, last] = waiting.equal_range(*taken);
            for (auto it = first; it != last; ++it)
                open.push_back(it->second);
            waiting.erase(first, last);
        } else {
            verdicts[next] = verdictOf(taken.error());
            if (verdicts[next] == kWaiting)
                waiting.emplace(taken.error().missing.front().hash, next);
        }
    }
    return verdicts;
}

void shuffle(std::vector<std::size_t> &order, Random &random)
{
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
}

} // namespace

std::optional<history::UnverifiedChange> rebuiltShort(const history::CausalGraph &graph,
                                                      const identity::Configuration &configuration,
                                                      ByteView record)
{
    const auto parent = [&](DeviceIndex device, Seq seq) -> std::optional<history::KnownParent> {
        const auto held = graph.at(device, seq);
        if (held.size() != 1)
            return std::nullopt;
        return history::KnownParent{graph.entry(held.front()).hash,
                                    graph.entry(held.front()).lamport};
    };
    const auto admittedBy = [&](DeviceIndex device) -> std::optional<Hash> {
        const identity::Device *known = configuration.device(device);
        return known == nullptr ? std::nullopt : std::optional(known->admittedBy);
    };
    auto change = history::decodeShort(record, parent, admittedBy);
    return change ? std::optional(std::move(*change)) : std::nullopt;
}

Rebuilt rebuild(const EpochsSeen &epochs, const identity::Configuration &configuration,
                const identity::SignatureScheme &scheme, const Records &records,
                const history::CausalGraph &held)
{
    std::vector<const history::UnverifiedChange *> order;
    Rebuilt result;
    for (std::uint32_t i = 1; i <= held.size(); ++i) {
        const auto record = records.find(held.entry(ChangeHandle(i)).hash);
        if (record == records.end()) {
            result.fault = "holds a change that it never stored";
            return result;
        }
        order.push_back(&record->second);
    }
    return rebuild(epochs, configuration, scheme, std::move(order));
}

Rebuilt rebuild(const EpochsSeen &epochs, const identity::Configuration &configuration,
                const identity::SignatureScheme &scheme,
                std::vector<const history::UnverifiedChange *> order)
{
    Rebuilt result;
    std::ranges::sort(order, {}, [](const history::UnverifiedChange *change) {
        return std::pair(change->header.lamport, change->hash);
    });
    Reader reader(epochs, configuration, scheme);
    for (const history::UnverifiedChange *change : order) {
        if (const auto taken = reader.take(*change, history::SignatureNeed::Covered); !taken) {
            result.fault = "holds a change that a fresh reader refuses: " + taken.error().rule;
            return result;
        }
    }
    reader.hideVoid();
    result.fault = reader.faultInTexts(result.texts);
    return result;
}

std::optional<std::string> differsByOrder(const EpochsSeen &epochs,
                                          const identity::Configuration &configuration,
                                          const identity::SignatureScheme &scheme,
                                          const std::vector<history::UnverifiedChange> &records,
                                          std::size_t orders, Random &random)
{
    std::vector<std::size_t> order(records.size());
    std::iota(order.begin(), order.end(), 0);
    std::optional<Verdicts> expected;
    for (std::size_t round = 0; round < orders; ++round) {
        shuffle(order, random);
        Reader reader(epochs, configuration, scheme);
        const Verdicts verdicts = feed(reader, records, order);
        if (!expected)
            expected = verdicts;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const int a = (*expected)[i];
            const int b = verdicts[i];
            if (a != b && a != kNeutral && b != kNeutral)
                return "a record got " + std::to_string(a) + " in one order and "
                    + std::to_string(b) + " in another";
        }
    }
    return std::nullopt;
}

} // namespace nlbd::sim
