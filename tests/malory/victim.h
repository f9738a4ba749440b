#pragma once

#include "core/engine/engine.h"
#include "tests/support/group.h"
#include "tests/support/hostile.h"

#include <set>

namespace nlbd::malory {

inline constexpr PeerId kMalory(1);
inline constexpr std::size_t kMe = 3;

/// A fresh engine of member 0 and Malory, member 3, at the other end of one session.
class Victim {
public:
    Victim(const test::FoundedGroup &group, const identity::SignatureScheme &scheme)
        : m_random(7)
        , m_engine({group.genesis, group.devices[0].clone(), group.key.clone(), scheme, m_random})
        , m_maloryKey(group.devices[kMe].publicKey())
    {
        run(m_engine.load({}, now()), nullptr);
        step(engine::PeerUp{kMalory, m_maloryKey}, nullptr);
    }

    void step(engine::Event event, const hostile::Pen *pen)
    {
        run(m_engine.step(std::move(event), now()), pen);
    }

    void frame(const hostile::Frame &frame, const hostile::Pen &pen)
    {
        if (!m_isConnected)
            reconnect(&pen);
        step(engine::FrameIn{m_session, frame.kind, frame.body}, &pen);
        for (int i = 0; i < 20; ++i)
            tick(Millis(50), &pen);
    }

    void tick(Millis by, const hostile::Pen *pen)
    {
        m_now += by;
        step(engine::Tick{}, pen);
    }

    [[nodiscard]] std::set<Code> codes() const
    {
        std::set<Code> result;
        for (const api::Refusal &refusal : m_engine.refusals())
            result.insert(refusal.code);
        for (const api::EvidenceInfo &evidence : m_engine.evidence())
            result.insert(evidence.code);
        return result;
    }
    [[nodiscard]] const std::set<Code> &cuts() const { return m_cuts; }
    [[nodiscard]] const engine::Engine &engine() const { return m_engine; }

private:
    [[nodiscard]] Now now() const
    {
        return {MonoTime(m_now), WallTime(Millis(1'767'225'600'000) + m_now)};
    }
    void reconnect(const hostile::Pen *pen)
    {
        m_session = PeerId(m_session.value + 1);
        m_isConnected = true;
        step(engine::PeerUp{m_session, m_maloryKey}, pen);
    }
    void run(engine::Actions actions, const hostile::Pen *pen)
    {
        std::vector<engine::Event> next;
        for (engine::Action &action : actions) {
            if (const auto *persist = std::get_if<engine::Persist>(&action)) {
                next.emplace_back(engine::Persisted{persist->token});
            } else if (const auto *end = std::get_if<engine::Disconnect>(&action)) {
                m_cuts.insert(end->code);
                m_isConnected = false;
            } else if (const auto *send = std::get_if<engine::Send>(&action);
                       send != nullptr && pen != nullptr) {
                if (const auto answer = pen->answer(send->kind, send->body))
                    next.emplace_back(engine::FrameIn{m_session, answer->kind, answer->body});
            }
        }
        for (engine::Event &event : next)
            step(std::move(event), pen);
    }

    SeededRandom m_random;
    engine::Engine m_engine;
    PublicKey m_maloryKey;
    PeerId m_session = kMalory;
    bool m_isConnected = true;
    Millis m_now{1000};
    std::set<Code> m_cuts;
};

inline const WallTime kWall{Millis(1'767'225'600'000)};

} // namespace nlbd::malory
