#pragma once

#include "app/network.h"
#include "app/profile.h"
#include "tests/support/hostile.h"

#include <functional>

namespace nlbd::malory {

/// Attacks of a program that is honest in all but in what leaves it: the whole runtime of
/// nlbd-peer, with a network that alters its frames or keeps them back. So a process can attack at
/// the very moment that an agreement or a newcomer brings about.
[[nodiscard]] const std::vector<hostile::Attack> &mouths();

/// What is about to leave to one listener.
struct Spoken {
    gossip::Kind kind;
    Bytes body;
    bool isFavoured = false; ///< every second listener is
    WorkspaceId workspace;
};
/// What leaves instead, how much later, and what leaves behind it.
struct Said {
    Bytes body;
    Millis later{0};
    std::vector<hostile::Frame> also{};
};
/// Nothing: it is kept back.
using Mouth = std::function<std::optional<Said>(Spoken)>;
/// For a device whose key it may sign with.
using MakeMouth = Mouth (*)(const identity::SecretKey &device);

struct MouthEntry {
    hostile::Attack attack;
    MakeMouth make;
};
/// Those that speak of attachments: mouths_blobs.cpp.
[[nodiscard]] std::vector<MouthEntry> blobMouths();

/// Precondition: one of mouths() is called so.
[[nodiscard]] MakeMouth mouthCalled(std::string_view verb);

/// The real network, and this mouth before it. Precondition: one of mouths() is called so.
[[nodiscard]] std::unique_ptr<app::Network> networkThrough(std::string_view mouth);

/// Is online with the profile, and answers verbs as nlbd-peer does, until SIGTERM or SIGINT comes.
/// What nlbd-peer says when it is online is its first line. The exit code.
[[nodiscard]] int speakThrough(std::string_view mouth, app::Profile profile,
                               const std::filesystem::path &folder, const net::Endpoint &listen);

} // namespace nlbd::malory
