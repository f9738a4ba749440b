#pragma once

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/store/store.h"

/// Rows with content that can be told apart, for the tests of the stores.
namespace nlbd::store::testing {

inline constexpr Domain kTest{"rt1.test"};

inline Bytes filler(std::size_t size, std::uint64_t seed)
{
    SeededRandom random(seed);
    Bytes result(size);
    random.fill(result);
    return result;
}

inline ChangeRow change(std::uint64_t number, std::size_t size = 200)
{
    ChangeRow row;
    row.record = filler(size, number);
    row.hash = digest(kTest, row.record);
    row.device = DeviceIndex(static_cast<std::uint16_t>(number % 5));
    row.seq = Seq(number / 5 + 1);
    row.doc = DocIndex(65536 + 1);
    return row;
}

inline JournalRow journal(std::uint64_t phase, std::uint64_t content)
{
    return {1, Epoch(0), 0, phase, filler(64, content)};
}

inline EvidenceRow evidence(std::uint64_t number)
{
    EvidenceRow row;
    row.record = filler(300, number);
    row.id = digest(kTest, row.record);
    row.when = WallTime(Millis(1'700'000'000'000 + static_cast<std::int64_t>(number)));
    return row;
}

} // namespace nlbd::store::testing
