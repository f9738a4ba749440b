#include "crdt_disk.h"

#include "core/base/check.h"
#include "core/crdt/op_batch.h"
#include "core/crdt/snapshot.h"

namespace nlbd::bench {

namespace {

ChangeHandle handleOf(std::size_t change)
{
    return ChangeHandle(static_cast<std::uint32_t>(change + 1));
}

} // namespace

crdt::Document documentOf(const PlannedHistory &history, const Recorded &changes)
{
    crdt::Document document(history);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto ops = crdt::decodeOps(changes[i], history.own(handleOf(i)), history);
        CHECK(ops.has_value());
        document.integrate(handleOf(i), *ops);
    }
    return document;
}

Disk saveAndOpen(const Plan &plan, const PlannedHistory &history, const crdt::Document &document)
{
    Disk disk;
    const double begin = cpuMs();
    auto saved = crdt::saveSnapshot(document, [&](ChangeHandle change) {
        const crdt::ChangeName name = history.nameOf(change);
        return crdt::SnapshotName{name.device, name.seq, std::nullopt};
    });
    disk.saveMs = cpuMs() - begin;
    CHECK(saved.has_value());
    Bytes bytes = std::move(*saved);
    disk.bytes = bytes.size();
    const double start = cpuMs();
    const auto snapshot = crdt::Snapshot::open(std::move(bytes));
    CHECK(snapshot.has_value());
    const std::string text(snapshot->text());
    disk.readableMs = cpuMs() - start;
    auto opened = snapshot->document(history, [&](const crdt::SnapshotName &name) {
        return history.resolve({name.device, name.seq, 0});
    });
    CHECK(opened.has_value());
    crdt::Draft draft;
    draft.restart(handleOf(plan.trace.transactions.size()));
    opened->insert(opened->length() / 2, "x", draft);
    disk.editMs = cpuMs() - start;
    disk.isAsRecorded = text == plan.trace.endContent && opened->length() == document.length() + 1;
    return disk;
}

Bytes batchOf(const PlannedHistory &history, const Recorded &changes,
              crdt::ColumnPacker::Effort effort)
{
    std::vector<crdt::BatchChange> batch;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto ops = crdt::decodeOps(changes[i], history.own(handleOf(i)), history);
        CHECK(ops.has_value());
        batch.push_back({handleOf(i), history.nameOf(handleOf(i)), std::move(*ops)});
    }
    return crdt::encodeBatch(
        batch, [&](std::size_t, ChangeHandle change) { return history.nameOf(change); }, effort);
}

Taken takeBatch(const Plan &plan, const PlannedHistory &history, const Bytes &batch)
{
    const auto resolve = [&](std::size_t, const crdt::ChangeName &name) {
        return history.resolve(name);
    };
    Taken result;
    const std::size_t before = heapBytes();
    const double start = cpuMs();
    crdt::Document document(history);
    {
        const auto changes = crdt::decodeBatch(batch, {resolve, resolve});
        CHECK(changes.has_value());
        for (const crdt::BatchChange &change : *changes) {
            const auto isInPast = [&](ChangeHandle it) {
                return history.isInPast(it, change.handle);
            };
            CHECK(document.check(change.handle, change.ops, isInPast).has_value());
            document.integrate(change.handle, change.ops);
        }
    }
    const std::string text = readAndEdit(document, plan.trace.transactions.size());
    result.ms = cpuMs() - start;
    result.bytesKept = heapBytes() - before - text.capacity();
    result.isAsRecorded = text == plan.trace.endContent;
    return result;
}

} // namespace nlbd::bench
