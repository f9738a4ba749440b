#pragma once

#include "core/consensus/approval.h"
#include "core/consensus/proposal.h"

#include <map>

namespace nlbd::consensus {

/// Open proposals and what seats answered, for one epoch after the other. What it says depends on
/// the records it was given, not on their order; its limits only refuse what a peer can bring
/// again.
class ProposalBook {
public:
    /// Keeps a copy of the configuration; `scheme` must outlive the book.
    ProposalBook(const identity::Configuration &configuration,
                 const identity::SignatureScheme &scheme);

    /// Why a proposal comes: by itself, or because an approval or a value names it and it was asked
    /// for. Named ones may be more per author.
    enum class Reason : std::uint8_t { Offered, Named };
    enum class Taken : std::uint8_t {
        New,
        Known,
        Over, ///< expired, decided, or superseded: nothing to do, nobody to blame
    };

    /// Errors: those of verify(); E_NOT_MEMBER also if its signer was removed and no seat answered
    /// it; E_RATE (the author has too much open, or it lasts too long: may be taken later);
    /// E_NAME_CONFUSABLE; for a fence E_CANON or E_STRUCT if its evidence is none,
    /// BUFFERED if it can't be judged in this epoch.
    [[nodiscard]] std::expected<Taken, Code> add(Proposal proposal, Reason reason);

    /// A value that is held names it: it stays until the epoch ends, also when one comes that would
    /// take its place. Others may be locked on that value and ask for what it names.
    void named(const Hash &proposal);

    /// May come before its proposal. Errors: those of verify(), E_NOT_MEMBER if the device has no
    /// seat, E_RATE if it has too many.
    [[nodiscard]] std::expected<Taken, Code> add(const Approval &approval);

    [[nodiscard]] const Proposal *find(const Hash &proposal) const;
    [[nodiscard]] std::vector<const Proposal *> open() const; ///< by hash; not the moot ones
    [[nodiscard]] std::vector<std::pair<Hash, const Proposal *>> openByHash() const;
    [[nodiscard]] bool isOpen(const Wish &wish) const; ///< one of them asks for it

    /// Which answers count. A seat builds on standing ones: withdrawn is withdrawn. A value with a
    /// polka was found good by an honest seat at least before a withdrawal arrived; if others then
    /// refused it for ever, a seat locked on it and they could wait for each other for ever.
    enum class Answers : std::uint8_t { Standing, EverGiven };
    enum class Eligibility : std::uint8_t {
        NotHeld,
        Waiting, ///< for answers
        Eligible,
        Never, ///< not in this epoch: moot, expired or decided
    };
    [[nodiscard]] Eligibility eligibility(const Hash &proposal,
                                          Answers answers = Answers::Standing) const;
    [[nodiscard]] std::vector<const Proposal *>
    eligible(Answers answers = Answers::Standing) const; ///< by hash

    struct Tally {
        std::size_t yes = 0;
        std::size_t no = 0;
        std::size_t needed = 0; ///< Q
    };
    [[nodiscard]] Tally tally(const Hash &proposal, Answers answers = Answers::Standing) const;
    /// Seats whose answers count now, and what each says.
    [[nodiscard]] std::vector<std::pair<DeviceIndex, Answer>>
    counted(const Hash &proposal, Answers answers = Answers::Standing) const;
    /// Borrowed until the book changes.
    struct Given {
        const Approval &approval;
        const Hash &hash;
    };
    /// Everything that was answered, to store and to send: per seat the newest answer, and the yes
    /// that lasts longest if that is another.
    [[nodiscard]] std::vector<Given> answers(const Hash &proposal) const;

    /// The next epoch: answers of those without a seat stop counting, what was decided or has
    /// expired goes, all else is carried over.
    void enter(const identity::Configuration &next);

    static constexpr std::size_t kOpenPerMemberMax = 3;    ///< asked by a person (PROTOCOL C9)
    static constexpr std::size_t kNoticedPerMemberMax = 8; ///< by its computer, and one fence each
    static constexpr std::size_t kNamedPerMemberMax = 16;  ///< held for others' sake
    static constexpr std::size_t kAnswersPerDeviceMax = 512;
    /// A proposal lasts no longer, so that what was decided need not be remembered for ever.
    static constexpr std::uint32_t kLifeEpochsMax = 64;

private:
    struct Word {
        Approval newest;
        std::optional<Approval> yes; ///< of all yes, the one that lasts longest
        Hash newestHash;             ///< each comparison with a peer asks for them
        Hash yesHash;
    };
    struct Entry {
        Proposal proposal;
        Reason reason = Reason::Offered;
        bool isMoot = false;
    };

    [[nodiscard]] std::expected<void, Code> checkFence(const Fence &fence) const;
    [[nodiscard]] bool isOver(const Hash &hash, const Proposal &proposal) const;
    [[nodiscard]] bool isHeld(const Approval &approval) const;
    [[nodiscard]] bool isSpent(const Hash &hash) const;
    [[nodiscard]] bool isLasting(const Word &word) const;
    [[nodiscard]] bool isOut(const Proposal &proposal) const;
    [[nodiscard]] bool isAnswered(const Hash &proposal) const;
    [[nodiscard]] bool hasRoom(const Proposal &proposal, Reason reason, bool isMoot) const;
    [[nodiscard]] bool makeRoom(const Hash &hash, const Proposal &proposal);
    [[nodiscard]] bool isAbout(const Proposal &proposal, DeviceIndex seat) const;
    [[nodiscard]] bool isCounting(const Approval &approval) const;

    identity::Configuration m_now;
    const identity::SignatureScheme &m_scheme;
    std::map<Hash, Entry> m_entries;
    std::map<Hash, std::map<DeviceIndex, Word>> m_words; ///< by proposal, held or not
};

} // namespace nlbd::consensus
