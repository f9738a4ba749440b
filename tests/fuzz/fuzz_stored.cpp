// What an engine takes up from its disk: rows whose digests hold, with anything in them.
#include "core/base/codec.h"
#include "core/trust/evidence.h"
#include "tests/fuzz/engine_world.h"

using namespace nlbd;

namespace {

constexpr std::size_t kRecordMax = 64 * 1024;

// Rows one after the other, each led by its kind:
//     0 change:   u8 signature was checked | blob record
//     1 ack:      u8 seat | blob ack | blob frontier
//     2 evidence: blob record, stored under its own id
//     3 refusal:  varint number | blob record
//     4 journal:  u8 plane | varint epoch | varint round | varint phase | blob record
//     5 pack:     blob record
store::StoredWorkspace rowsFrom(ByteView bytes)
{
    store::StoredWorkspace stored;
    Reader in(bytes);
    while (in.left() > 0 && in.ok())
        switch (in.u8()) {
        case 0: {
            store::ChangeRow row;
            row.isSignatureChecked = in.u8() != 0;
            row.record = copyOf(in.blob(kRecordMax));
            stored.changes.push_back(std::move(row));
            break;
        }
        case 1: {
            store::AckRow row{SeatIndex(in.u8()), {}, {}};
            row.ack = copyOf(in.blob(kRecordMax));
            row.frontier = copyOf(in.blob(kRecordMax));
            stored.acks.push_back(std::move(row));
            break;
        }
        case 2: {
            store::EvidenceRow row;
            row.record = copyOf(in.blob(kRecordMax));
            if (const auto evidence = trust::Evidence::decode(row.record))
                row.id = evidence->id();
            stored.evidence.push_back(std::move(row));
            break;
        }
        case 3: {
            store::RefusalRow row{in.varint(), {}};
            row.record = copyOf(in.blob(kRecordMax));
            stored.refusals.push_back(std::move(row));
            break;
        }
        case 4: {
            store::JournalRow row;
            row.plane = in.u8();
            row.epoch = Epoch(static_cast<std::uint32_t>(in.varint(UINT32_MAX)));
            row.round = static_cast<std::uint32_t>(in.varint(UINT32_MAX));
            row.phase = in.varint();
            row.bytes = copyOf(in.blob(kRecordMax));
            stored.journal.push_back(std::move(row));
            break;
        }
        case 5:
            stored.packs.push_back({Hash{}, copyOf(in.blob(kRecordMax)), {}});
            break;
        default:
            in.fail();
        }
    return stored;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    constexpr Millis kWhile{500};
    fuzz::Member member(0);
    member.load(rowsFrom(std::as_bytes(std::span(data, size))));
    member.look();
    // It goes on from there, like any other.
    member.step(engine::PeerUp{PeerId(1), fuzz::group().devices[1].publicKey()});
    member.step(engine::Subscribe{});
    member.step(api::Command(api::CreateDocument{1, "Agenda", "It goes on."}));
    for (int i = 0; i < 4; ++i)
        member.pass(kWhile);
    member.look();
    return 0;
}
