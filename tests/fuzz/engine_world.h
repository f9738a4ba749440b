#pragma once

#include "core/base/check.h"
#include "core/engine/engine.h"
#include "core/store/memory_store.h"
#include "tests/fuzz/any_signature.h"
#include "tests/support/group.h"

#include <deque>
#include <utility>

namespace nlbd::fuzz {

/// Three members, the same ones that the corpora were made with.
inline const test::FoundedGroup &group()
{
    static const AnySignature kScheme;
    static const test::FoundedGroup kGroup = [] {
        SeededRandom random(20'251'126);
        return test::FoundedGroup::found(3, kScheme, random);
    }();
    return kGroup;
}

/// One member's engine on a disk that answers at once. What it sends is kept for whoever asks.
class Member {
public:
    explicit Member(std::size_t number)
        : m_random(number + 1)
        , m_engine(engine::EngineConfig{group().genesis, group().devices[number].clone(),
                                        group().key.clone(), m_scheme, m_random})
    {
        m_now.mono = MonoTime(Millis(1'000'000));
        m_now.wall = WallTime(Millis(1'700'000'000'000));
    }

    void load(const store::StoredWorkspace &stored) { take(m_engine.load(stored, m_now)); }
    void step(engine::Event event) { take(m_engine.step(std::move(event), m_now)); }
    void pass(Millis time)
    {
        m_now.mono += time;
        m_now.wall += time;
        step(engine::Tick{});
    }

    [[nodiscard]] const engine::Engine &engine() const { return m_engine; }
    [[nodiscard]] store::MemoryStore &disk() { return m_disk; }
    [[nodiscard]] std::vector<engine::Send> takeSent() { return std::exchange(m_sent, {}); }

    /// Everything that can be asked of an engine.
    void look() const
    {
        const engine::Snapshot snapshot = m_engine.snapshot();
        CHECK(snapshot.ratified <= snapshot.changes);
        for (const engine::Snapshot::DocumentText &document : snapshot.documents) {
            CHECK(m_engine.text(document.doc) == document.text);
            (void)m_engine.blame(document.doc);
            (void)m_engine.documentsNamed(document.title);
        }
        (void)m_engine.refusals();
        (void)m_engine.evidence();
        (void)m_engine.traceHash();
    }

private:
    void take(engine::Actions first)
    {
        std::deque<engine::Event> answers;
        const auto carryOut = [&](engine::Actions actions) {
            for (engine::Action &action : actions) {
                if (auto *send = std::get_if<engine::Send>(&action)) {
                    m_sent.push_back(std::move(*send));
                } else if (const auto *persist = std::get_if<engine::Persist>(&action)) {
                    if (const auto done = m_disk.commit(persist->rows, persist->sync); done)
                        answers.emplace_back(engine::Persisted{persist->token});
                    else
                        answers.emplace_back(engine::PersistFailed{persist->token, done.error()});
                }
            }
        };
        carryOut(std::move(first));
        while (!answers.empty()) {
            engine::Event answer = std::move(answers.front());
            answers.pop_front();
            carryOut(m_engine.step(std::move(answer), m_now));
        }
    }

    AnySignature m_scheme;
    SeededRandom m_random;
    store::MemoryStore m_disk;
    Now m_now;
    std::vector<engine::Send> m_sent;
    engine::Engine m_engine;
};

} // namespace nlbd::fuzz
