#pragma once

#include "tests/core/consensus/table.h"

#include <map>
#include <memory>

namespace nlbd::test {

/// One seat's Roundtable with what surrounds it: own votes are signed, written and handed back,
/// values are judged when asked for, and what it did is there to be looked at.
class Seat {
public:
    using Round = consensus::Round;
    using Phase = consensus::Phase;
    using Step = consensus::Step;

    Seat(const Table &table, SeatIndex me)
        : m_table(table)
        , m_me(me)
        , m_order(table.configuration)
        , core(std::make_unique<consensus::Roundtable>(m_order, setting()))
    {
    }

    void start()
    {
        run([&](consensus::Effects &out) { core->start(out); });
    }
    void timeout()
    {
        const auto round = core->round();
        const auto step = core->step();
        run([&](consensus::Effects &out) { core->timeout(round, step, out); });
    }
    consensus::Roundtable::Intake take(const consensus::Vote &vote)
    {
        auto intake = consensus::Roundtable::Intake::Ignored;
        run([&](consensus::Effects &out) { intake = core->received(vote, out); });
        return intake;
    }
    void take(const consensus::Polka &polka)
    {
        run([&](consensus::Effects &out) { core->received(polka, out); });
    }
    void take(const consensus::Certificate &certificate)
    {
        run([&](consensus::Effects &out) { core->received(certificate, out); });
    }
    void judge(const Hash &value, consensus::Verdict verdict)
    {
        run([&](consensus::Effects &out) { core->judged(value, verdict, out); });
    }
    /// Vote of another seat, by its place in the order of round 0.
    consensus::Roundtable::Intake hear(std::size_t place, Phase phase, std::uint32_t round,
                                       std::optional<Hash> value,
                                       std::optional<std::uint32_t> polka = std::nullopt)
    {
        return take(m_table.vote(phase, round, m_table.at(place), value, polka));
    }
    /// The power goes and comes back: only what was written is left.
    void crash()
    {
        core = std::make_unique<consensus::Roundtable>(m_order, setting(), written, votes);
        run([&](consensus::Effects &out) { core->resume(out); });
    }

    /// What was signed in a phase of a round; CHECKs that it was one thing at most.
    [[nodiscard]] std::optional<consensus::Vote> said(Phase phase, std::uint32_t round) const
    {
        std::optional<consensus::Vote> result;
        for (const consensus::Vote &vote : votes) {
            if (vote.phase != phase || vote.round != Round(round))
                continue;
            CHECK(!result);
            result = vote;
        }
        return result;
    }
    [[nodiscard]] bool saidNil(Phase phase, std::uint32_t round) const
    {
        const auto vote = said(phase, round);
        return vote && !vote->value;
    }
    [[nodiscard]] bool said(Phase phase, std::uint32_t round, const Hash &value) const
    {
        const auto vote = said(phase, round);
        return vote && vote->value == value;
    }

private:
    [[nodiscard]] consensus::Roundtable::Setting setting() const
    {
        return {m_table.configuration.epoch, m_me};
    }

    void run(const std::function<void(consensus::Effects &)> &input)
    {
        consensus::Effects effects;
        input(effects);
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const consensus::Effect effect = effects[i]; // grows while it is read
            std::visit([&](const auto &one) { perform(one, effects); }, effect);
        }
    }

    void perform(const consensus::effect::Sign &sign, consensus::Effects &out)
    {
        votes.push_back(m_table.sign(sign.vote));
        written = sign.state;
        core->received(consensus::Vote(votes.back()), out);
    }
    void perform(const consensus::effect::Resend &resend, consensus::Effects &)
    {
        resent.push_back(resend.vote);
    }
    void perform(const consensus::effect::ArmTimer &timer, consensus::Effects &)
    {
        timers.push_back(timer);
    }
    void perform(const consensus::effect::AskBody &ask, consensus::Effects &out)
    {
        const auto verdict = verdicts.find(ask.value);
        core->judged(ask.value,
                     verdict == verdicts.end() ? consensus::Verdict::Valid : verdict->second, out);
    }
    void perform(const consensus::effect::NeedValue &, consensus::Effects &out)
    {
        if (mine)
            core->built(*mine, out);
    }
    void perform(const consensus::effect::SharePolka &share, consensus::Effects &)
    {
        shared.push_back(share.polka);
    }
    void perform(const consensus::effect::EnterRound &, consensus::Effects &) {}
    void perform(const consensus::effect::Accuse &accuse, consensus::Effects &)
    {
        accused.push_back(accuse.evidence);
    }
    void perform(const consensus::effect::Decide &decide, consensus::Effects &)
    {
        CHECK(!decided);
        decided = decide.certificate;
    }

    const Table &m_table;
    SeatIndex m_me;
    consensus::SeatOrder m_order;

public:
    std::unique_ptr<consensus::Roundtable> core;
    std::optional<Hash> mine = valueOf('m');     ///< what it builds
    std::map<Hash, consensus::Verdict> verdicts; ///< others are Valid
    std::vector<consensus::Vote> votes;          ///< the journal
    consensus::SeatState written;
    std::vector<consensus::Vote> resent;
    std::vector<consensus::effect::ArmTimer> timers;
    std::vector<consensus::SharedPolka> shared;
    std::vector<consensus::VoteEvidence> accused;
    std::optional<consensus::Certificate> decided;
};

} // namespace nlbd::test
