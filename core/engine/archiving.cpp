#include "core/engine/engine_state.h"
#include "core/history/archive.h"

namespace nlbd::engine {

namespace {

history::KeyLookup keyOf(const Engine::State &state)
{
    return [&state](KeyEpoch epoch) { return state.keyOf(epoch); };
}

} // namespace

std::expected<Bytes, Code> Engine::archive() const
{
    std::vector<history::UnverifiedChange> changes;
    changes.reserve(m_state->records.size());
    for (std::size_t i = 0; i < m_state->records.size(); ++i)
        changes.push_back(m_state->recordOf(ChangeHandle(static_cast<std::uint32_t>(i + 1))));
    return history::encodeArchive(changes, m_state->configuration, keyOf(*m_state),
                                  history::ArchiveSignatures::Tails);
}

std::expected<Engine::ArchiveCheck, Code> Engine::check(ByteView archive) const
{
    const auto changes = history::decodeArchive(archive, m_state->configuration,
                                                m_state->config.scheme, keyOf(*m_state));
    if (!changes)
        return std::unexpected(changes.error());
    ArchiveCheck result{changes->size(), 0};
    for (const history::ArchivedChange &it : *changes)
        result.unknown += m_state->graph.find(it.change.hash) == ChangeHandle(0) ? 1 : 0;
    return result;
}

} // namespace nlbd::engine
