// What mouths make of attachments: pieces that are others, shares that are none, questions without
// end, pieces that nobody asked for.

#include "core/base/blob_limits.h"
#include "core/base/check.h"
#include "core/base/random.h"
#include "tests/malory/mouth.h"

#include <algorithm>
#include <memory>
#include <set>

namespace nlbd::malory {

namespace {

using gossip::Kind;
using Share = gossip::BlobsHeld::Held::Share;

/// What my own engine asked for or told of: what documents name.
class Roots {
public:
    void learn(const gossip::Message &message)
    {
        if (const auto *ask = std::get_if<gossip::AskBlobs>(&message))
            m_roots.insert(ask->roots.begin(), ask->roots.end());
        if (const auto *held = std::get_if<gossip::BlobsHeld>(&message))
            for (const auto &blob : held->blobs)
                m_roots.insert(blob.root);
    }
    [[nodiscard]] const std::set<Hash> &all() const noexcept { return m_roots; }

private:
    std::set<Hash> m_roots;
};

bool isOfBlobs(Kind kind)
{
    return kind == Kind::AskBlobs || kind == Kind::BlobsHeld || kind == Kind::PullPieces
        || kind == Kind::BlobPiece;
}

gossip::Message messageOf(const Spoken &spoken)
{
    auto message = gossip::decode(static_cast<std::uint8_t>(spoken.kind), spoken.body);
    CHECK(message.has_value()); // my own engine made it
    return std::move(*message);
}

/// One bit of each piece is another.
std::optional<Said> wrongPieces(Spoken spoken)
{
    if (spoken.kind != Kind::BlobPiece)
        return Said{std::move(spoken.body)};
    auto message = messageOf(spoken);
    Bytes &proved = std::get<gossip::BlobPiece>(message).proved;
    if (!proved.empty())
        proved.back() ^= std::byte{1};
    return Said{gossip::encode(message)};
}

/// All of everything is here, and none of it is to be had.
std::optional<Said> falseShares(Spoken spoken)
{
    if (spoken.kind != Kind::BlobsHeld && spoken.kind != Kind::BlobPiece)
        return Said{std::move(spoken.body)};
    auto message = messageOf(spoken);
    if (auto *piece = std::get_if<gossip::BlobPiece>(&message)) {
        piece->proved.clear();
        return Said{gossip::encode(message)};
    }
    for (auto &blob : std::get<gossip::BlobsHeld>(message).blobs)
        blob = {blob.root, Share::All, {}};
    Said said{gossip::encode(message)};
    said.also.push_back(hostile::frameOf(message)); // and once more
    return said;
}

/// Behind whatever leaves about attachments, what `make` makes of what documents name.
template <std::vector<hostile::Frame> (*make)(const std::set<Hash> &roots)>
Mouth behind(const identity::SecretKey &)
{
    return [roots = std::make_shared<Roots>()](Spoken spoken) -> std::optional<Said> {
        if (!isOfBlobs(spoken.kind))
            return Said{std::move(spoken.body)};
        roots->learn(messageOf(spoken));
        Said said{std::move(spoken.body)};
        said.also = make(roots->all());
        return said;
    };
}

/// Whole windows of pieces, again and again.
std::vector<hostile::Frame> endlessQuestions(const std::set<Hash> &roots)
{
    constexpr int kTimes = 40;
    std::vector<hostile::Frame> frames;
    for (const Hash &root : roots) {
        gossip::PullPieces pull{root, {}};
        for (std::uint32_t piece = 0; piece < limits::kBlobWantedMax; ++piece)
            pull.pieces.push_back(piece);
        for (int i = 0; i < kTimes; ++i)
            frames.push_back(hostile::frameOf(pull));
        frames.push_back(hostile::frameOf(gossip::AskBlobs{{root}}));
    }
    return frames;
}

/// Megabytes of what is in no file, for files that documents name.
std::vector<hostile::Frame> unaskedPieces(const std::set<Hash> &roots)
{
    constexpr std::uint32_t kPieces = 200;
    std::vector<hostile::Frame> frames;
    for (const Hash &root : roots)
        for (std::uint32_t piece = 0; piece < kPieces; ++piece)
            frames.push_back(hostile::frameOf(
                gossip::BlobPiece{root, piece, Bytes(limits::kBlobPieceBytes, std::byte{0x5A})}));
    return frames;
}

/// Of files that no document names: I have parts, who has the rest, give me all.
std::vector<hostile::Frame> unnamedRoots(const std::set<Hash> &)
{
    constexpr int kRoots = 100;
    SystemRandom random;
    gossip::BlobsHeld held;
    gossip::AskBlobs ask;
    std::vector<hostile::Frame> frames;
    for (int i = 0; i < kRoots; ++i) {
        Hash root;
        random.fill(root.value);
        held.blobs.push_back({root, Share::Some, Bytes(500, std::byte{0xFF})});
        ask.roots.push_back(root);
        frames.push_back(hostile::frameOf(gossip::PullPieces{root, {0, 1, 2, 3}}));
    }
    frames.push_back(hostile::frameOf(held));
    frames.push_back(hostile::frameOf(ask));
    return frames;
}

template <std::optional<Said> (*speak)(Spoken)>
Mouth plain(const identity::SecretKey &)
{
    return speak;
}

} // namespace

std::vector<MouthEntry> blobMouths()
{
    return {
        {{"wrong-pieces", 2, Code::E_BLOB_PIECE,
          "A member like others, whose pieces of attachments differ by one bit."},
         plain<wrongPieces>},
        {{"false-shares", 38, std::nullopt,
          "A member like others, who says that he has all of every attachment, and gives nothing."},
         plain<falseShares>},
        {{"endless-pulls", 29, Code::E_RATE,
          "A member like others, who asks for pieces of attachments again and again."},
         behind<endlessQuestions>},
        {{"unasked-pieces", 17, Code::E_RATE,
          "A member like others, who sends pieces of attachments that nobody asked for."},
         behind<unaskedPieces>},
        {{"unnamed-roots", 19, std::nullopt,
          "A member like others, who speaks of attachments that no document names."},
         behind<unnamedRoots>},
    };
}

} // namespace nlbd::malory
