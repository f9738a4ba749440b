#include "core/engine/checkpoints.h"
#include "core/engine/engine_state.h"
#include "core/history/archive.h"
#include "core/history/change_codec.h"

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
    changes.reserve(m_state->records.size()); // those whose signatures are here
    for (std::uint32_t i = 1; i <= m_state->records.size(); ++i)
        if (!m_state->isDecidedForm(ChangeHandle(i)))
            changes.push_back(m_state->recordOf(ChangeHandle(i)));
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

std::optional<Bytes> Engine::checkpoint() const
{
    const auto &newest = m_state->configuration.checkpoint;
    const Bytes *snapshot = newest ? m_state->checkpoints->snapshot(newest->epoch) : nullptr;
    return snapshot == nullptr ? std::nullopt : std::optional(*snapshot);
}

std::size_t Engine::packed() const
{
    return static_cast<std::size_t>(std::ranges::count(m_state->isPacked, true));
}

std::size_t Engine::decidedForms() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_state->records, history::isDecidedForm));
}

} // namespace nlbd::engine
