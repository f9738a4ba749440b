#include "core/history/checkpoint.h"

#include "core/history/state_root.h"
#include "core/history/untried_signatures.h"
#include "core/history/void_rule.h"

#include <set>

namespace nlbd::history {

namespace {

/// Chains that a graph can tell apart, less some; no honest group comes near it.
constexpr std::size_t kChainsMax = UINT16_MAX - 1;

/// A history laid out to be looked at once.
class Bench {
public:
    explicit Bench(const identity::Configuration &configuration)
        : m_configuration(configuration)
        , m_validator(
              configuration, m_graph, m_scheme, [](KeyEpoch) { return nullptr; },
              [this](DocIndex doc) { return &document(doc); })
    {
    }

    std::expected<void, Code> add(const DecidedChange &decided)
    {
        if (m_graph.chainCount() >= kChainsMax)
            return std::unexpected(Code::E_BOUNDS);
        const auto change = m_validator.decided(decided);
        if (!change)
            return std::unexpected(change.error());
        m_graph.add(*change);
        document(decided.header.doc).integrate(change->handle(), change->ops());
        m_contents.push_back(contentHash(decided.content));
        return {};
    }

    /// After the last was added: only now all closing heads are there.
    [[nodiscard]] std::optional<Hash> root()
    {
        for (std::uint32_t i = 1; i <= m_graph.size(); ++i) {
            const auto &entry = m_graph.entry(ChangeHandle(i));
            if (footingOf(m_configuration, m_graph, entry.device, entry.seq, entry.hash)
                == Footing::Beyond) {
                static_cast<void>(document(entry.doc).setVoid(ChangeHandle(i), true));
                m_void.insert(ChangeHandle(i));
            }
        }
        return stateRoot(
            {m_graph, [this](DocIndex doc) { return &document(doc); },
             [](ChangeHandle) { return true; },
             [this](ChangeHandle change) { return m_void.contains(change); },
             [this](ChangeHandle change) { return std::optional(m_contents[change.value - 1]); }});
    }

private:
    crdt::Document &document(DocIndex doc)
    {
        return m_documents.try_emplace(doc, m_graph).first->second;
    }

    const identity::Configuration &m_configuration;
    UntriedSignatures m_scheme{false}; // there are none
    CausalGraph m_graph;
    std::map<DocIndex, crdt::Document> m_documents;
    Validator m_validator;
    std::vector<Hash> m_contents; ///< by handle - 1
    std::set<ChangeHandle> m_void;
};

} // namespace

std::expected<std::vector<DecidedChange>, Code>
openCheckpoint(ByteView bytes, const identity::Configuration &configuration, const Hash &root)
{
    auto changes = decodeCheckpoint(bytes, configuration);
    if (!changes)
        return changes;
    Bench bench(configuration);
    for (const DecidedChange &change : *changes)
        if (const auto added = bench.add(change); !added)
            return std::unexpected(added.error());
    if (bench.root() != root)
        return std::unexpected(Code::E_STATE_ROOT);
    return changes;
}

} // namespace nlbd::history
