#pragma once

#include "tests/support/hostile.h"

#include <map>
#include <set>

namespace nlbd::malory {

/// What somebody who collects every payload looks for: two that were sealed under one nonce. XORed
/// they would give away what their texts share (PROTOCOL B 34).
class NonceBook {
public:
    void take(const hostile::Record &record)
    {
        constexpr std::size_t kNonceBytes = 24;
        const history::ChangeHeader &header = record.header;
        if (record.payload.size() < kNonceBytes)
            return;
        const auto middle = record.payload.begin() + kNonceBytes;
        m_sealed[{header.doc, header.keyEpoch, Bytes(record.payload.begin(), middle)}].insert(
            Bytes(middle, record.payload.end()));
        m_atPlace[{header.device, header.seq}].insert(record.hash);
    }

    /// Nonces under which more than one text was sealed.
    [[nodiscard]] std::size_t reused() const { return several(m_sealed); }
    /// Places in a history at which more than one change was signed: where an older disk goes on.
    [[nodiscard]] std::size_t rivals() const { return several(m_atPlace); }

private:
    [[nodiscard]] static std::size_t several(const auto &book)
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(book, [](const auto &entry) { return entry.second.size() > 1; }));
    }

    std::map<std::tuple<DocIndex, KeyEpoch, Bytes>, std::set<Bytes>> m_sealed;
    std::map<std::pair<DeviceIndex, Seq>, std::set<Hash>> m_atPlace;
};

} // namespace nlbd::malory
