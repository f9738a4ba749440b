#pragma once

#include "core/consensus/decision_log.h"
#include "core/consensus/roundtable.h"
#include "core/consensus/value_builder.h"
#include "core/consensus/value_judge.h"
#include "core/engine/close_courier.h"
#include "core/engine/council_parts.h"
#include "core/engine/engine_state.h"

#include <deque>

namespace nlbd::engine {

/// What is decided together: proposals and answers, the end of an epoch, its agreement, the log of
/// decisions (PROTOCOL C7, C8, C11, C12). Brings the parts of core/consensus together with disk,
/// keys, history and gossip; what they decide, they decide.
class Council final : public CouncilParts, private consensus::Ground {
public:
    explicit Council(Engine::State &state);
    ~Council() override;

    // ---- what people ask ----
    void propose(const api::Propose &command);
    void vote(const api::Vote &command);
    [[nodiscard]] std::size_t seatsAfter(const api::Wish &wish) const;
    void consider(const api::Consider &command);

    // ---- what happens ----
    void receive(PeerId from, const gossip::ControlSummary &message);
    void receive(PeerId from, const gossip::ControlRecords &message);
    void receive(PeerId from, const gossip::PullControl &message);
    void receive(PeerId from, const gossip::PullDecisions &message);
    void receive(PeerId from, const gossip::Decisions &message);
    /// What somebody says was decided last: more than is known here, or something else.
    void heardOf(PeerId from, Epoch epoch, const Hash &decision);
    void persisted(PersistToken token);
    void sessionsChanged();
    /// A proof that it forked, or broke a rule of changes: its fence is asked for by itself.
    void misusedPen(DeviceIndex device, Bytes evidence);
    /// A proof of two decisions about one epoch: nothing is decided here any more.
    void conflictProven(const consensus::DecisionConflict &conflict);
    /// An ack was taken up: its seat's report may exclude it.
    void ackTaken(const consensus::ShownAck &shown, std::optional<PeerId> from);
    /// Something came that a value may have waited for.
    void historyGrew() noexcept { m_isDirty = true; }
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;
    /// From now on this seat may speak: it hears what came meanwhile.
    void awake();
    void offer(const Bytes &proposal); ///< signed outside, with the identity key

    // ---- what a seat does by itself, see caretaker.h ----
    [[nodiscard]] bool isOpen() const; ///< this epoch's end is not decided yet
    [[nodiscard]] std::vector<const consensus::Proposal *> open() const;
    [[nodiscard]] bool isAsked(const consensus::Wish &wish) const;
    [[nodiscard]] std::optional<consensus::Answer> myAnswer(const Hash &proposal) const;
    /// How long until it is reason enough to end an epoch; nothing: it is.
    [[nodiscard]] std::optional<Millis> waits(const consensus::Proposal &proposal) const;
    [[nodiscard]] std::expected<Hash, Code> makeProposal(consensus::Wish wish,
                                                         const RowsWith &rowsWith = {});
    [[nodiscard]] std::expected<void, Code> answer(const Hash &proposal, consensus::Answer answer);

    // ---- the disk ----
    /// Takes up decisions as far as the stored changes reach; gives the closing frontiers.
    [[nodiscard]] std::vector<identity::ChainHeads>
    loadDecisions(const store::StoredWorkspace &stored);
    void loadRecords(const store::StoredWorkspace &stored);
    /// Goes on in this epoch without what happened in those before: a checkpoint at its end is
    /// about to be taken. Its configuration is one of the log's.
    void skipTo(const identity::Configuration &at);
    /// A newcomer's log reached its anchor. Precondition: nothing was decided here before.
    void begin(const consensus::DecisionLog &log);

    // ---- what others ask ----
    [[nodiscard]] Epoch knownEpoch() const { return m_log.now().epoch; }
    [[nodiscard]] Hash knownDecision() const { return m_log.now().decision; }
    /// Over everything that a summary tells.
    [[nodiscard]] Hash controlRoot() const;
    void sendSummary(PeerId to, bool isReply);
    /// Heads that a decision closed in and that are not held here: branches to fetch.
    [[nodiscard]] std::vector<Hash> closingMissing() const;
    [[nodiscard]] LastWords lastWordsOf(DeviceIndex device) const;
    /// Signed by my own key: whether this folder knows of it (PROTOCOL C13).
    void heardOwn(ByteView close, ByteView vote) const;
    [[nodiscard]] const consensus::DecisionLog &log() const noexcept { return m_log; }
    [[nodiscard]] api::DecisionsChanged present() const;
    [[nodiscard]] const api::ProposalAnswered &lastAnswer() const noexcept { return m_lastAnswer; }
    void sendAll();
    void sendNews();

private:
    struct EffectHandler;

    // council.cpp
    void fenceIfDue();
    void checkpointIfDue();
    void closeIfDue();
    [[nodiscard]] bool hasReasonToClose();
    void noteOwnWishes(const consensus::Decision &decision);
    void adoptWhatIsHeld();
    void adopt(identity::Configuration next);
    void beginEpoch();
    void restoreOwn(const std::vector<store::JournalRow> &journal);
    void forgetStale();
    void keep(gossip::ControlKind kind, Epoch until, const Bytes &record, store::Rows with = {},
              store::Sync sync = store::Sync::Lazy);
    void tell(gossip::ControlKind kind, const Bytes &record);
    [[nodiscard]] std::optional<consensus::Wish> wishOf(const api::Wish &wish) const;
    [[nodiscard]] std::size_t seatsAfter(const consensus::Proposal &proposal) const;
    void say(api::ProposalAnswered answer);
    [[nodiscard]] const std::vector<api::DecisionInfo> &made() const;

    // council_rounds.cpp
    template <typename Call>
    void withTable(Call call);
    void carryOut(consensus::Effects effects);
    [[nodiscard]] std::chrono::milliseconds firstWait() const;
    void resume();
    void hearAgain();
    [[nodiscard]] bool maySpeak() const;
    void judgeWaiting();
    void build();
    void keepNamed(const consensus::Value &value);
    [[nodiscard]] bool isNamed(const Hash &proposal) const;
    void offerKey(const consensus::EpochChange &change);
    /// How many seats offer before this one does; nothing if it offers none.
    [[nodiscard]] std::optional<std::size_t> offeringPlace(SeatIndex seat) const;
    [[nodiscard]] bool mayOfferKey(SeatIndex seat) const { return offeringPlace(seat).has_value(); }
    [[nodiscard]] std::size_t offersOf(SeatIndex seat) const;
    void decided(const consensus::Certificate &certificate);
    [[nodiscard]] std::optional<consensus::Decision>
    wholeDecision(const consensus::Certificate &certificate) const;
    [[nodiscard]] std::expected<void, Code> takeDecision(const consensus::Decision &decision);
    [[nodiscard]] consensus::EpochView view() const;

    // council_lead.cpp
    [[nodiscard]] Lead leadFor(const consensus::Value *mine) const;
    [[nodiscard]] bool waitsForLead();
    void propose(const Hash &value);
    void sharePolkasDue(bool isNow);

    // council_gossip.cpp
    [[nodiscard]] std::vector<Tagged> tagged(std::uint64_t salt) const;
    [[nodiscard]] gossip::ControlSummary summary(std::uint64_t salt,
                                                 const std::vector<Tagged> &open) const;
    [[nodiscard]] std::optional<Code> takeRecord(PeerId from,
                                                 const gossip::ControlRecords::Record &record);
    [[nodiscard]] std::optional<Code> takeProposal(PeerId from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takeApproval(PeerId from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takeVote(std::optional<PeerId> from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takePolka(PeerId from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takeValue(PeerId from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takeOffer(PeerId from, const Bytes &bytes);
    [[nodiscard]] bool isOnItsWay(gossip::ControlKind kind, const Bytes &record);

    // council_closes.cpp
    [[nodiscard]] std::optional<Code> takeClose(PeerId from, const Bytes &bytes);
    [[nodiscard]] std::optional<Code> takeClose(PeerId from, const consensus::Close &close);
    [[nodiscard]] std::optional<Code> takeShortClose(PeerId from, const Bytes &bytes);
    void takeLate(const consensus::ShortClose &close, PeerId from);

    // council_asking.cpp
    void ask(const Hash &hash, std::optional<PeerId> source, Millis patience = Millis(0));
    void askDue();
    [[nodiscard]] bool isHere(const Hash &hash) const;
    [[nodiscard]] bool wasAsked(const Hash &hash) const;
    void took(gossip::ControlKind kind, Epoch until, const Bytes &record, PeerId from);

    // council_proofs.cpp
    /// Lists what its own author brought too early, too often or with a name that is taken.
    std::optional<Code> notNow(PeerId from, std::optional<DeviceIndex> author, Code code,
                               const Bytes &record);
    void valueDied(const OpenValue &open, const consensus::Judgement &why);
    void rememberWords();
    void compareLate(const consensus::Vote &vote, std::optional<PeerId> from);
    void compareLate(const consensus::Close &close, PeerId from);
    void compare(const consensus::Close &close, PeerId from);
    void compareDecisions(PeerId from);
    void foundConflict(const consensus::Decision &other, std::optional<PeerId> from);
    void tellConflict();

    // Ground
    [[nodiscard]] Holding holding(const trust::Frontier &report) const override;
    [[nodiscard]] const consensus::ChainOrder &chains() const override { return m_chains; }
    [[nodiscard]] std::optional<Hash> stateRoot(const identity::ChainHeads &heads) const override;
    [[nodiscard]] const consensus::OfferedKey *offer(const Hash &hash) const override;
    [[nodiscard]] std::vector<const consensus::OfferedKey *> offers() const override;
    [[nodiscard]] std::optional<Code> keyFault(const consensus::OfferedKey &offer,
                                               const identity::Configuration &next) const override;

    Engine::State &m_state;
    consensus::GraphOrder m_chains;
    consensus::DecisionLog m_log;
    consensus::ProposalBook m_proposals;
    consensus::CloseBook m_closes;
    std::optional<consensus::Roundtable> m_table;
    bool m_mustResume = false;
    std::vector<store::JournalRow> m_ahead; ///< signed in epochs whose decisions were lost
    std::optional<Hash> m_ownClose;
    std::map<Hash, OpenValue> m_values;
    std::map<Hash, consensus::OfferedKey> m_offers;
    /// Of an offer for these readers: opening one costs as much as signatures of everybody.
    mutable std::map<std::pair<Hash, Hash>, std::optional<Code>> m_keyFaults;
    std::map<VoteKey, consensus::Vote> m_votes; ///< the first of each, to be told
    std::map<consensus::Round, consensus::SharedPolka> m_polkas;
    std::set<Hash> m_polkaValues; ///< values with a polka: answers that were ever given count
    std::deque<std::pair<PersistToken, consensus::Vote>> m_unsaved; ///< own, not durable yet
    std::map<DeviceIndex, std::pair<MonoTime, Bytes>> m_fences;     ///< to be asked for
    std::optional<MonoTime> m_checkpointAt; ///< then this seat asks for one, if nobody has
    Reasons m_reasons;
    Before m_before;
    std::map<Hash, Asked> m_asked;
    CloseCourier m_courier;
    std::optional<MonoTime> m_nextAsk;
    std::set<Hash> m_arriving; ///< bodies that the frame under way brings
    Fresh m_fresh;
    std::map<consensus::Round, MonoTime> m_untold;  ///< polkas to be shown then
    std::optional<MonoTime> m_epochTold;            ///< a decision is to be told then
    std::optional<MonoTime> m_buildableSince;       ///< in this round
    std::optional<MonoTime> m_buildAt;              ///< unless others propose a value before
    std::optional<Hash> m_built;                    ///< my own value, which others lack
    std::optional<consensus::Certificate> m_commit; ///< of a value that is not whole here yet
    std::optional<PeerId> m_speaker;                ///< whose vote is being taken
    std::optional<Timer> m_timer;
    std::optional<MonoTime> m_postponeKeys; ///< then proposals that need a key wait
    bool m_needsValue = false;
    bool m_isDirty = false;
    bool m_mayClose = true; ///< something came since nothing was eligible
    bool m_isConflictTold = false;
    std::set<PeerId> m_compared; ///< whose decisions were asked for from the first one on
    mutable std::optional<Hash> m_controlRoot;
    mutable Reckoned m_reckoned;
    std::optional<api::DecisionsChanged> m_shown;
    bool m_isNews = true;
    api::ProposalAnswered m_lastAnswer;
};

template <typename Call>
void Council::withTable(Call call)
{
    if (!m_table || !maySpeak())
        return;
    m_table->setFirstWait(firstWait());
    consensus::Effects effects;
    call(*m_table, effects);
    carryOut(std::move(effects));
}

} // namespace nlbd::engine
