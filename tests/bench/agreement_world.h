#pragma once

#include "tests/sim/checker.h"
#include "tests/sim/network.h"
#include "tests/sim/vote_forger.h"
#include "tests/support/fast_signatures.h"

#include <map>
#include <set>
#include <string>

namespace nlbd::bench {

/// What the f seats that need not be honest do.
enum class Others : std::uint8_t { Honest, Silent, Attacking };

/// Hop latencies: of PROTOCOL C5 (100 ms), or of C11.4 (60 to 300 ms, one in 25 up to 2.5 s).
enum class Weather : std::uint8_t { Even, Stragglers };

/// Counts what a member has to verify.
class CountingSignatures final : public identity::SignatureScheme {
public:
    explicit CountingSignatures(Random &random)
        : m_fast(random)
    {
    }
    [[nodiscard]] Signature sign(const identity::SecretKey &key, const Domain &context,
                                 const WorkspaceId &workspace, const Hash &hash) const override
    {
        return m_fast.sign(key, context, workspace, hash);
    }
    [[nodiscard]] bool verify(const PublicKey &key, const Domain &context,
                              const WorkspaceId &workspace, const Hash &hash,
                              const Signature &signature) const override
    {
        ++m_verified;
        return m_fast.verify(key, context, workspace, hash, signature);
    }
    [[nodiscard]] std::uint64_t verified() const noexcept { return m_verified; }

private:
    test::FastSignatures m_fast;
    mutable std::uint64_t m_verified = 0;
};

/// One measured wave of acknowledgements, or one decision. Seconds are virtual, by honest member;
/// the rest is per honest member.
struct Measured {
    std::vector<double> seconds; ///< those who never got there count as the whole patience
    double records = 0;          ///< acknowledgements, or records about the decision, that came in
    double recordBytes = 0;      ///< in frames that bring or compare those
    double allBytes = 0;         ///< in all frames
    double copies = 0;           ///< among `records`, those that had come before
    std::map<std::string, double> byKind; ///< bytes of `recordBytes`, by what they are
    double verifications = 0;
};

/// Real engines of a group in the simulator, all connected, nobody watching.
class AgreementWorld {
public:
    AgreementWorld(std::size_t members, Others others, Weather weather, std::uint64_t seed);

    /// Somebody types a letter; until all honest members have it ratified.
    [[nodiscard]] Measured wave();
    /// Every honest member types a letter, and all acknowledge them: nobody has been idle since the
    /// last decision.
    void write();
    /// Everybody says yes to a rule that all know of; until all honest members have the decision.
    [[nodiscard]] Measured decide();

private:
    [[nodiscard]] std::size_t honest() const
    {
        return m_world.profile.peers - m_world.profile.hostile;
    }
    void addPeer(std::size_t i);
    void run(Millis time);
    template <typename IsThere>
    [[nodiscard]] Measured measure(bool isWave, IsThere isThere);
    void arrived(std::size_t to, std::uint8_t kind, const Bytes &body);
    void typeLetter(sim::PeerShell &author);
    void count(std::size_t to, const std::string &kind, ByteView record);

    SeededRandom m_random;
    CountingSignatures m_scheme;
    sim::World m_world;
    sim::Checker m_checker;
    std::vector<std::unique_ptr<sim::PeerShell>> m_peers;
    std::vector<sim::VoteForger> m_forgers;
    std::unique_ptr<sim::Network> m_network;
    std::optional<Measured> m_counted;
    std::set<std::pair<std::size_t, Bytes>> m_seen; ///< records that came, by member
    bool m_isWave = false;
    std::uint64_t m_requests = 0;
    DocIndex m_doc;
};

} // namespace nlbd::bench
