#pragma once

#include "core/base/random.h"
#include "core/gossip/message.h"

namespace nlbd::testing {

/// Messages of every kind with random contents, canonical by construction.
class RandomMessages {
public:
    explicit RandomMessages(std::uint64_t seed)
        : m_random(seed)
    {
    }

    [[nodiscard]] gossip::Message next()
    {
        using namespace gossip;
        switch (m_random.below(22)) {
        case 0:
            return Push{blobs()};
        case 1:
            return Have{places()};
        case 2:
            return PullRanges{number32(), ranges()};
        case 3:
            return PullHashes{number32(), hashes()};
        case 4:
            return Changes{number32(), coin(), blobs(), {Seq(number32()), Seq(3)}};
        case 5:
            return Digest{Epoch(number32()), hash(), hash(), hash(), hash(), coin()};
        case 6:
            return Summary{places(), coin()};
        case 7:
            return ack();
        case 8:
            return PullAcks{{SeatIndex(3), SeatIndex(1)}};
        case 9:
            return AckNumbers{{{SeatIndex(2), m_random.next64(), m_random.next64()}}, coin()};
        case 10:
            return EvidenceMessage{blob()};
        case 11:
            return EvidenceIds{sortedHashes(), coin()};
        case 12:
            return AskOwn{DeviceIndex(4)};
        case 13:
            return Own{DeviceIndex(4), blob(), blob(), Epoch(number32()), blob(), blob()};
        case 14:
            return PullSnapshot{Epoch(number32()), number32() % 1024};
        case 15:
            return piece();
        case 16:
            return AskBlobs{hashes()};
        case 17:
            return BlobsHeld{{{hash(), BlobsHeld::Held::Share::All, {}},
                              {hash(), BlobsHeld::Held::Share::Some, {std::byte{2}, std::byte{1}}},
                              {hash(), BlobsHeld::Held::Share::None, {}}}};
        case 18:
            return PullPieces{hash(), {1, 5, number32() % 1000 + 6}};
        case 19:
            return BlobPiece{hash(), number32() % 1000, blob()};
        case 20:
            return Acks{{ack(), ack()}};
        default:
            return presence();
        }
    }

private:
    gossip::SnapshotPiece piece()
    {
        Bytes bytes = blob();
        const std::uint64_t size = bytes.empty() ? 0 : bytes.size() + 7;
        return {Epoch(number32()), size, size == 0 ? 0UL : 5UL, std::move(bytes)};
    }
    std::uint32_t number32() { return static_cast<std::uint32_t>(m_random.next64()); }
    bool coin() { return m_random.below(2) == 1; }
    Hash hash()
    {
        Hash result;
        m_random.fill(result.value);
        return result;
    }
    Bytes blob()
    {
        Bytes bytes(static_cast<std::size_t>(m_random.below(40)));
        m_random.fill(bytes);
        return bytes;
    }
    std::vector<Bytes> blobs() { return {blob(), blob(), blob()}; }
    std::vector<Hash> hashes() { return {hash(), hash()}; }
    std::vector<Hash> sortedHashes()
    {
        auto list = hashes();
        std::ranges::sort(list);
        return list;
    }
    std::vector<gossip::HeadPlace> places()
    {
        std::vector<gossip::HeadPlace> list;
        for (std::uint64_t i = 0; i < m_random.below(5); ++i)
            list.push_back({DeviceIndex(static_cast<std::uint16_t>(i)), Seq(m_random.next64() | 1),
                            m_random.next64()});
        return list;
    }
    std::vector<gossip::Range> ranges()
    {
        const Seq first(m_random.below(100) + 1);
        return {{DeviceIndex(7), first, Seq(first.value + m_random.below(50)), m_random.next64()}};
    }
    gossip::AckMessage ack()
    {
        gossip::AckMessage message{blob(), gossip::AckMessage::Form::Full, 0, blob()};
        if (coin()) {
            message.form = gossip::AckMessage::Form::Delta;
            message.baseNo = m_random.below(1000) + 1;
        }
        return message;
    }
    gossip::Presence presence()
    {
        gossip::Presence message;
        message.device = DeviceIndex(3);
        message.session = m_random.next64();
        message.counter = m_random.next64();
        message.isPresent = coin();
        message.doc = DocIndex(number32());
        if (coin())
            message.caret = {false, DeviceIndex(2), Seq(9), number32(), coin()};
        for (std::uint64_t i = 0; message.isPresent && i < m_random.below(4); ++i)
            message.preview.push_back({Seq(m_random.next64() | 1),
                                       {false, DeviceIndex(3), Seq(8), number32(), coin()},
                                       coin() ? "typed\t" : "λόγος – 漢😀"});
        m_random.fill(message.signature.value);
        return message;
    }

    SeededRandom m_random;
};

} // namespace nlbd::testing
