#include "core/consensus/configuration_codec.h"
#include "core/consensus/epoch_change.h"
#include "tests/core/engine/hostile_seat.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::testing;
using gossip::ControlKind;

namespace {

/// Four members about to take a checkpoint, whose votes are held back until Malory has spoken.
struct HeldVote {
    HeldVote()
    {
        seat.group.setFilter([this](std::size_t from, std::size_t to, std::uint8_t kind,
                                    const Bytes &body) { return passes(from, to, kind, body); });
        api::Wish wish;
        wish.kind = api::Wish::Kind::Checkpoint;
        seat.group.submit(0, api::Propose{++seat.requests, wish});
        seat.group.run(200ms);
        id = seat.group.at(0).lastAnswer().proposal;
        for (const std::size_t i : {1, 2})
            seat.group.submit(i, api::Vote{++seat.requests, id, true});
        seat.group.run(2s);
    }

    bool passes(std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body)
    {
        if (from == kMalory || to == kMalory)
            return false;
        const auto message = gossip::decode(kind, body);
        const auto *records = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
        if (records == nullptr)
            return true;
        for (const auto &record : records->records) {
            if (record.kind == ControlKind::Vote)
                return false;
            if (record.kind == ControlKind::Proposal)
                proposal = Proposal::decode(record.bytes).value();
        }
        return true;
    }

    /// What honest seats would propose, with another root.
    Value value(const Hash &root)
    {
        const identity::Configuration &now = seat.configuration();
        const auto closes = reportsOf(seat.group, 0);
        std::vector<const Close *> reports;
        Value value{.epoch = now.epoch,
                    .previousDecision = now.decision,
                    .proposals = {id},
                    .reports = {},
                    .keyOffer = {},
                    .closing = {},
                    .nextConfiguration = {},
                    .stateRoot = root};
        for (const auto &[index, close] : closes) {
            reports.push_back(&close);
            value.reports.push_back({index, close.hash()});
        }
        const auto heads = closingFrontier(now, reports, GraphOrder(seat.group.at(0).graph()));
        value.closing = hashOfHeads(heads.value());
        const EpochChange change = planChange(now, {&*proposal}, *heads);
        value.nextConfiguration = hashOf(finished(change, std::nullopt, root));
        return value;
    }

    HostileSeat seat;
    Hash id;
    std::optional<Proposal> proposal;
};

} // namespace

class WrongRootTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A value that is right in everything but its root is refused by everybody, and the checkpoint
    /// is decided all the same.
    void isRefusedEverywhere()
    {
        HeldVote held;
        HostileSeat &seat = held.seat;
        QCOMPARE(reportsOf(seat.group, 0).size(), std::size_t(3));
        const Value wrong = held.value(named(9));
        for (std::size_t i = 0; i < kMalory; ++i) {
            seat.tell(i, seat.vote(Phase::Propose, 0, wrong.hash()));
            seat.group.run(40ms);
            seat.tell(i, gossip::ControlRecords{{{ControlKind::Value, wrong.encode()}}});
            seat.group.run(40ms);
            QVERIFY(
                std::ranges::any_of(seat.group.at(i).refusals(), [](const api::Refusal &refusal) {
                    return refusal.code == Code::E_STATE_ROOT;
                }));
        }
        seat.group.setFilter(nullptr);
        seat.group.run(30s);
        for (std::size_t i = 0; i < 4; ++i) {
            const identity::Configuration &now = seat.group.at(i).configuration();
            QCOMPARE(now.epoch, Epoch(1));
            QVERIFY(now.checkpoint && now.checkpoint->stateRoot != named(9));
            QCOMPARE(now.decision, seat.configuration().decision);
        }
    }
};

QTEST_GUILESS_MAIN(WrongRootTest)
#include "wrong_root_test.moc"
