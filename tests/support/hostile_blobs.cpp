// What documents are made to say of attached files.

#include "core/base/blob_limits.h"
#include "core/blobs/blob_ref.h"
#include "tests/support/hostile.h"

namespace nlbd::hostile {

namespace {

constexpr std::size_t kGiants = 64;            // of the largest size that there is
constexpr std::uint64_t kBeyond = 1ULL << 60U; // and of one that there is not

blobs::BlobRef promise(Random &random, std::uint64_t size)
{
    blobs::BlobRef ref;
    random.fill(ref.top.value);
    random.fill(ref.key);
    ref.size = size;
    ref.mediaType = "video/webm";
    ref.name = "film.webm";
    return ref;
}

} // namespace

const std::vector<Attack> &blobAttacks()
{
    static const std::vector<Attack> kAttacks{
        {"giant-attachments", 29, std::nullopt,
         "A change that names attachments of a gibibyte and more, of which there is nothing."}};
    return kAttacks;
}

Plan blobPlanOf(std::string_view, Pen &pen, Random &random, WallTime wall)
{
    crdt::Ops ops = pen.typing("files ");
    for (std::size_t i = 0; i < kGiants; ++i) {
        const auto ref = promise(random, i % 8 == 0 ? kBeyond : limits::kBlobBytesMax);
        ops.emplace_back(crdt::SetField{ref.field(), crdt::Value(ref.encode())});
    }
    ops.emplace_back(crdt::SetField{"blob.", crdt::Value("1\n1\n\n\n/\n")});
    Plan plan;
    plan.records = {pen.append(ops, wall)};
    plan.frames = {changesFrame(plan.records)};
    return plan;
}

} // namespace nlbd::hostile
