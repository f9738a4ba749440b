#pragma once

#include "core/engine/io.h"
#include "core/gossip/message.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace nlbd::engine {

/// Collects what a step asks for. The one place where actions are made.
class Outbox {
public:
    PersistToken persist(store::Rows rows, store::Sync sync)
    {
        m_lastToken = m_lastToken.next();
        if (sync == store::Sync::Full)
            m_needsTextSync = false;
        else if (holdsNewsOfOthers(rows))
            m_needsTextSync = true;
        m_actions.emplace_back(Persist{m_lastToken, std::move(rows), sync});
        return m_lastToken;
    }

    /// A power cut may still take changes that no journal row repeats: what is signed now may stand
    /// on them, and could not be restored from the journal without them.
    [[nodiscard]] bool needsTextSync() const noexcept { return m_needsTextSync; }

    void send(PeerId peer, const gossip::Message &message, PersistToken after = {},
              bool isBulk = false)
    {
        sendEncoded(peer, gossip::kindOf(message), gossip::encode(message), after, isBulk);
    }
    void sendEncoded(PeerId peer, gossip::Kind kind, Bytes body, PersistToken after, bool isBulk)
    {
        m_actions.emplace_back(
            Send{peer, static_cast<std::uint8_t>(kind), std::move(body), isBulk, after});
    }

    /// Events are made only while somebody listens: an unwatched workspace costs no view work.
    void notify(api::Event event)
    {
        if (m_hasListener)
            m_actions.emplace_back(Notify{std::move(event)});
    }
    void disconnect(PeerId peer, Code code, Millis pause)
    {
        m_actions.emplace_back(Disconnect{peer, code, pause});
    }
    void keepCounter(const BootMark &mark, PersistToken after)
    {
        m_actions.emplace_back(KeepCounter{mark, after});
    }
    void readPiece(const ReadPiece &piece) { m_actions.emplace_back(piece); }
    void keepPiece(KeepPiece piece) { m_actions.emplace_back(std::move(piece)); }
    void beginBlob(const Hash &root, std::uint64_t size)
    {
        m_actions.emplace_back(BeginBlob{root, size});
    }
    void dropBlob(const Hash &root) { m_actions.emplace_back(DropBlob{root}); }
    void readBack(std::vector<Hash> changes)
    {
        m_actions.emplace_back(ReadBack{std::move(changes)});
    }
    void reach(const PublicKey &device) { m_actions.emplace_back(Reach{device}); }
    void wakeAt(MonoTime when) { m_actions.emplace_back(WakeAt{when}); }

    void setListener(bool hasListener) noexcept { m_hasListener = hasListener; }
    [[nodiscard]] bool hasListener() const noexcept { return m_hasListener; }
    [[nodiscard]] PersistToken lastToken() const noexcept { return m_lastToken; }
    [[nodiscard]] Actions take() { return std::exchange(m_actions, {}); }

private:
    [[nodiscard]] static bool holdsNewsOfOthers(const store::Rows &rows)
    {
        const auto holds = [&rows]<typename T>(std::type_identity<T>) {
            return std::ranges::any_of(
                rows, [](const store::Row &row) { return std::holds_alternative<T>(row); });
        };
        return holds(std::type_identity<store::ChangeRow>{})
            && !holds(std::type_identity<store::JournalRow>{});
    }

    Actions m_actions;
    PersistToken m_lastToken;
    bool m_hasListener = false;
    bool m_needsTextSync = true; ///< what an earlier run left is unknown
};

} // namespace nlbd::engine
