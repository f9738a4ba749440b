#pragma once

#include "core/consensus/roundtable.h"
#include "tests/sim/dice.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scenario_oracle.h"

#include <memory>

namespace nlbd::sim {

/// What a hostile seat is in a scenario.
enum class Malice : std::uint8_t {
    Silent,
    Forger,   ///< signs anything, another thing to each group
    Twins,    ///< two unmodified cores with one key
    Amnesiac, ///< an unmodified core that forgets everything at times
    Mutator,  ///< an unmodified core whose votes are altered a little: a round, a value, a reason
};

/// A computer: an honest seat, or an unmodified core of a hostile one.
struct Node {
    SeatIndex seat;
    bool isHonest = true;
    Malice malice = Malice::Silent;
    std::unique_ptr<consensus::Roundtable> core;
    std::vector<consensus::Vote> journal; ///< what the disk holds
    consensus::SeatState durable;         ///< likewise
    std::optional<consensus::effect::ArmTimer> timer;
    bool wantsValue = false;
    int asleep = 0;            ///< phases for which it is down
    std::uint32_t accused = 0; ///< seats by bit, since it started
    bool keepsOthers = false;  ///< what others said was written too
    std::vector<Hash> unjudged;
    std::optional<consensus::Certificate> decided;
};

/// One vote on its way: whom it has reached.
struct Saying {
    consensus::Vote vote;
    std::uint32_t from = 0; ///< node, or the group it was forged for
    bool isForged = false;
    std::uint32_t targets = 0; ///< nodes that a forged one is shown to, by bit
    std::uint32_t reached = 0; ///< by bit
};

struct SharedPolka {
    consensus::SharedPolka polka;
    std::uint32_t reached = 0;
};

class World {
public:
    explicit World(const ScenarioOptions &options);
    ScenarioResult run();

private:
    // The story (scenario.cpp).
    void begin();
    void hostilePhase();
    void drawGroups();
    void deliverFresh();
    void sampleQuorums();
    void relayLate();
    void catchUp();
    void fireTimers(unsigned chance);
    void crashSome();
    void checkThatRoundsDoNotSpin();
    void heal();
    void healingPhase();
    void relayAll();
    void finish();

    // Hostile seats (scenario_hostile.cpp).
    void placeHostile();
    void forge(SeatIndex seat, std::uint32_t group, std::uint32_t targets);
    void forgeInHalves();
    void forgeAll();
    void forgeForVictim();
    [[nodiscard]] consensus::Vote forgedVote(SeatIndex seat, std::uint32_t group);
    [[nodiscard]] std::optional<Hash> favourite(consensus::Phase phase, consensus::Round round,
                                                std::uint32_t group);
    [[nodiscard]] consensus::Vote mutated(consensus::Vote vote);

    // Nodes (scenario_nodes.cpp).
    void perform(Node &node);
    void on(Node &node, const consensus::effect::Sign &effect);
    void on(Node &node, const consensus::effect::Resend &effect);
    void on(Node &node, const consensus::effect::ArmTimer &effect);
    void on(Node &node, const consensus::effect::AskBody &effect);
    void on(Node &node, const consensus::effect::NeedValue &effect);
    void on(Node &node, const consensus::effect::SharePolka &effect);
    void on(Node &, const consensus::effect::EnterRound &) {} // relays bring what is missing
    void on(Node &node, const consensus::effect::Accuse &effect);
    void on(Node &node, const consensus::effect::Decide &effect);
    void write(Node &node, const consensus::Vote &vote, const consensus::SeatState &state);
    void send(Node &node, const consensus::Vote &vote);
    void powerOff(Node &node);
    void powerOn(Node &node);
    void start(Node &node);
    void fireTimer(Node &node);
    void deliver(std::size_t saying, Node &node);
    void deliverPolka(std::size_t shared, Node &node);
    void checkThatLiarsAreAccused(std::size_t saying, const Node &node);
    void giveValue(Node &node);
    void judge(Node &node, const Hash &value);
    [[nodiscard]] bool isUp(const Node &node) const
    {
        return node.core && node.asleep == 0 && !node.decided;
    }
    [[nodiscard]] std::uint32_t bitOf(const Node &node) const
    {
        return 1U << static_cast<std::size_t>(&node - m_nodes.data());
    }
    [[nodiscard]] std::uint32_t groupOf(const Node &node) const
    {
        return m_group[static_cast<std::size_t>(&node - m_nodes.data())];
    }

    void fail(const std::string &what);
    void say(const consensus::Vote &vote, std::uint32_t from, bool isForged, std::uint32_t targets);

    ScenarioOptions m_options;
    Dice m_dice;
    const Party &m_party;
    Oracle m_oracle;
    ScenarioResult m_result;
    std::vector<Malice> m_malice;  ///< by seat; of honest ones meaningless
    std::vector<bool> m_isHostile; ///< by seat
    std::vector<Node> m_nodes;
    std::vector<std::uint32_t> m_group; ///< by node
    std::vector<Saying> m_sayings;
    std::vector<SharedPolka> m_polkas;
    std::vector<consensus::Certificate> m_certificates;
    consensus::Effects m_effects;
    std::size_t m_fresh = 0; ///< sayings from here on are of this phase
    unsigned m_valueStyle = 0;
    bool m_isHealed = false;
    bool m_isChecked = false;    ///< every delivery goes through bytes and signatures
    bool m_isCrashing = false;   ///< power may go between two actions
    bool m_isSplitting = false;  ///< after healing: proposals in halves
    bool m_isConspiracy = false; ///< overrun, and after two decisions
    bool m_isProlonging = false; ///< decisions are held back, polkas shown to few
    bool m_isStubborn = false;   ///< groups stay as they are for long
    std::uint32_t m_groups = 1;
    unsigned m_loss = 0;    ///< percent of deliveries that fail at first
    unsigned m_sampled = 0; ///< percent of phases in which each hears a quorum of its own
    unsigned m_calm = 0;    ///< percent of phases in which some catch up
};

} // namespace nlbd::sim
