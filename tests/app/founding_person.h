#pragma once

#include "app/founding.h"

#include <algorithm>

namespace nlbd::app {

inline const identity::Ed25519 kScheme;

inline Self makeSelf(const std::string &name, std::uint64_t seed)
{
    SeededRandom random(seed);
    Self self{
        name, identity::SecretKey::generate(random), identity::SecretKey::generate(random), {}};
    self.certificate = certifyDevice(kScheme, *self.identity, self.device.publicKey());
    return self;
}

/// One person: a desk, and what it asked for.
struct Person {
    explicit Person(const std::string &name, std::uint64_t seed)
        : self(makeSelf(name, seed))
        , random(seed + 1000)
        , desk(std::make_unique<FoundingDesk>(self, kScheme, random))
    {
    }
    [[nodiscard]] Contact contact() const { return {self.founder(), {{"10.0.0.1", 4747}}}; }
    [[nodiscard]] PublicKey device() const { return self.device.publicKey(); }

    void restart()
    {
        desk = std::make_unique<FoundingDesk>(self, kScheme, random);
        desk->restore(kept);
    }

    Self self;
    SeededRandom random;
    std::unique_ptr<FoundingDesk> desk;
    std::map<Hash, Bytes> kept;
    std::map<Hash, api::FoundingInfo> shown;
    std::optional<identity::SignedGenesis> founded;
    std::optional<Hash> keyCommit;
    std::vector<Offence> offences;
    bool isCutOff = false; ///< frames to and from it are lost
    std::vector<std::pair<PublicKey, LobbyFrame>> sent;
};

} // namespace nlbd::app
