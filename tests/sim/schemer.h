#pragma once

#include "core/consensus/close.h"
#include "core/consensus/value.h"
#include "tests/sim/network.h"
#include "tests/sim/scheme.h"
#include "tests/support/hostile.h"

namespace nlbd::sim {

class Checker;

/// Carries them out for one hostile computer.
class Schemer {
public:
    Schemer(World &world, Checker &checker, Network &network, PeerShell &shell);

    void start();
    /// What an honest engine sends, as the victim gets it and how much later; nothing: never.
    struct Passed {
        Bytes body;
        Millis later{0};
    };
    [[nodiscard]] std::optional<Passed> passed(std::size_t victim, std::uint8_t kind, Bytes body);
    /// A frame reached the hostile computer. False: its engine, which keeps up appearances, must
    /// not hear what was said behind its back.
    [[nodiscard]] bool heard(std::size_t from, std::uint8_t kind, const Bytes &body);
    /// The hostile engine stores something.
    void stores(const store::Rows &rows);

private:
    using Record = gossip::ControlRecords::Record;

    [[nodiscard]] bool has(Scheme scheme) const;
    [[nodiscard]] const identity::Configuration &now() const;
    [[nodiscard]] bool isMyWord(std::uint8_t kind, const Bytes &body) const;
    [[nodiscard]] bool isMine(Epoch epoch, SeatIndex seat) const;
    [[nodiscard]] std::size_t someVictim();
    void send(std::size_t victim, const hostile::Frame &frame);

    // what passes
    [[nodiscard]] std::optional<Record> altered(std::size_t victim, Record record, Millis &later);
    [[nodiscard]] Record inflated(const Record &close);
    [[nodiscard]] std::optional<Record> misled(std::size_t victim, Record close);
    [[nodiscard]] Bytes withBadBox(const Bytes &proposal);
    [[nodiscard]] std::optional<consensus::Vote> shownTo(std::size_t victim, consensus::Vote vote);

    // what is done of itself
    void actLater();
    void act();
    void councilLie();
    void loneLie();
    void flood();
    void falseAck();
    void eclipse();
    void writeOn();
    hostile::Pen &councilPen();

    World &m_world;
    Checker &m_checker;
    Network &m_network;
    PeerShell &m_shell;
    hostile::Pen m_pen; ///< of the founding epoch
    identity::Configuration m_councilEpoch;
    std::unique_ptr<hostile::Pen> m_council;
    std::map<Hash, consensus::Value> m_values;
    std::map<Hash, Bytes> m_offers;
    std::optional<consensus::Close> m_report;            ///< own, of this epoch
    std::map<std::uint32_t, std::size_t> m_polkaVictims; ///< by round
    std::optional<hostile::Record> m_withheld;           ///< a change that only a report knows
    std::vector<hostile::Frame> m_acks;                  ///< own, as they were sent
    std::map<std::size_t, MonoTime> m_due;               ///< slow, but in order
};

} // namespace nlbd::sim
