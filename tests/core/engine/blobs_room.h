#pragma once

#include "core/gossip/message.h"
#include "tests/support/small_group.h"

namespace nlbd::testing {

inline constexpr std::size_t kPiece = limits::kBlobPieceBytes;
inline constexpr std::size_t kLarge =
    limits::kBlobAutoBytes + kPiece + 7; // too much to come by itself

inline Bytes randomBytes(std::size_t count, std::uint64_t seed)
{
    Bytes bytes(count);
    SeededRandom(seed).fill(bytes);
    return bytes;
}

inline bool isKind(std::uint8_t kind, gossip::Kind wanted)
{
    return kind == static_cast<std::uint8_t>(wanted);
}

/// A few people, a document, and what went over the wire about attachments.
struct BlobsRoom {
    explicit BlobsRoom(std::size_t count, std::uint64_t seed = 1)
        : group(count, seed)
    {
        group.giveBlobDisks();
        group.submit(0, api::CreateDocument{1, "Plan", "text"});
        group.run(Millis(2000));
        doc = group.at(0).findDocument("Plan").value();
        watch();
    }

    void watch()
    {
        group.setFilter([this](std::size_t from, std::size_t to, std::uint8_t kind, Bytes &body) {
            if (isKind(kind, gossip::Kind::BlobPiece))
                ++pieces[{from, to}];
            if (isKind(kind, gossip::Kind::PullPieces))
                ++pulls[{from, to}];
            return !filter || filter(from, to, kind, body);
        });
    }
    [[nodiscard]] std::size_t piecesTo(std::size_t to) const
    {
        std::size_t count = 0;
        for (const auto &[link, number] : pieces)
            count += link.second == to ? number : 0;
        return count;
    }

    blobs::BlobRef attach(std::size_t who, const Bytes &content, std::string name = "plan.pdf")
    {
        return group.attach(who, doc, content, std::move(name));
    }
    void want(std::size_t who, const blobs::BlobRef &ref)
    {
        group.submit(who, api::FetchAttachment{ref.root()});
    }
    [[nodiscard]] bool has(std::size_t who, const blobs::BlobRef &ref, const Bytes &content)
    {
        return group.blobs(who).content(ref) == std::optional(content);
    }
    [[nodiscard]] std::optional<api::AttachmentInfo> infoAt(std::size_t who,
                                                            const blobs::BlobRef &ref)
    {
        for (const api::AttachmentInfo &info : group.at(who).attachments())
            if (info.blob == ref.root())
                return info;
        return std::nullopt;
    }
    [[nodiscard]] std::uint64_t refusals(std::size_t who, Code code)
    {
        std::uint64_t count = 0;
        for (const api::Refusal &refusal : group.at(who).refusals())
            count += refusal.code == code ? refusal.count : 0;
        return count;
    }
    bool runUntil(Millis patience, const std::function<bool()> &done)
    {
        for (Millis passed{0}; passed < patience && !done(); passed += Millis(100))
            group.run(Millis(100));
        return done();
    }

    SmallGroup group;
    DocIndex doc;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> pieces; ///< by link, answers
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> pulls;
    SmallGroup::Filter filter;
};

/// Changes the last byte of each piece that one computer sends.
inline SmallGroup::Filter lying(std::size_t liar)
{
    return [liar](std::size_t from, std::size_t, std::uint8_t kind, Bytes &body) {
        if (from == liar && isKind(kind, gossip::Kind::BlobPiece))
            body.back() ^= std::byte{1};
        return true;
    };
}

} // namespace nlbd::testing
