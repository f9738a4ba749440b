#include "core/base/limits.h"
#include "core/crdt/op_codec.h"
#include "core/crdt/snapshot_builder.h"

#include <algorithm>
#include <array>
#include <bit>

namespace nlbd::crdt {

namespace {

/// Names of a snapshot's changes by their places.
class PlaceResolver final : public ChangeResolver {
public:
    explicit PlaceResolver(const std::vector<ChangeHandle> &changes)
        : m_changes(&changes)
    {
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        const std::uint64_t place = name.seq.value - 1;
        if (name.device.value != 0 || name.branch != 0 || place >= m_changes->size())
            return std::nullopt;
        return (*m_changes)[place];
    }

private:
    const std::vector<ChangeHandle> *m_changes;
};

/// Whether ops of one kind come change by change, and in each, formats apart, by their numbers.
class Rows {
public:
    explicit Rows(std::size_t changes)
        : m_hasCome(changes)
    {
    }
    [[nodiscard]] bool admit(std::size_t place, std::uint32_t index)
    {
        if (m_place != place) {
            if (m_hasCome[place])
                return false;
            m_place = place;
            m_hasCome[place] = true;
            m_next = {0, kFirstFormat};
        }
        std::uint64_t &next = m_next[index >= kFirstFormat ? 1 : 0];
        if (index < next)
            return false;
        next = index + 1UL;
        return true;
    }

private:
    std::vector<bool> m_hasCome;
    std::size_t m_place = SIZE_MAX;
    std::array<std::uint64_t, 2> m_next{}; ///< of formats, the second
};

/// What the parts of a document that ops go to rely on: a draft is signed before others' ops come.
class RowsOfAll {
public:
    explicit RowsOfAll(std::size_t changes)
        : m_settings(changes)
        , m_items(changes)
        , m_sums(changes)
        , m_marks(changes)
    {
    }
    [[nodiscard]] bool admit(const Op &op, std::size_t place, std::uint32_t index)
    {
        if (std::holds_alternative<InsertText>(op) || std::holds_alternative<DeleteText>(op))
            return false;
        if (std::holds_alternative<SetMark>(op))
            return m_marks.admit(place, index);
        if (std::holds_alternative<Increment>(op))
            return m_sums.admit(place, index);
        if (std::holds_alternative<DeleteItem>(op))
            return m_items.admit(place, index);
        if (std::holds_alternative<InsertItem>(op) && !m_items.admit(place, index))
            return false;
        return m_settings.admit(place, index);
    }

private:
    Rows m_settings;
    Rows m_items;
    Rows m_sums;
    Rows m_marks;
};

} // namespace

/// No two of them may have one id, of whatever kind they are. Looked at before any is applied. That
/// of a deletion of letters may come again: an open change that joins deletions gives it back.
bool SnapshotBuilder::areOthersDistinct() const
{
    ColumnReader in = column(Part::OtherOps);
    std::vector<std::uint64_t> ids;
    ids.reserve(m_counts.others); // each takes a byte of the column at least
    for (std::size_t i = 0; i < m_counts.others && in.ok(); ++i) {
        const std::uint64_t place = in.get(kLocalIdsMax);
        ids.push_back(place << 32U | in.get(UINT32_MAX));
        static_cast<void>(in.raw(in.get(limits::kDecodedBytesMax)));
    }
    std::ranges::sort(ids);
    return in.done() && std::ranges::adjacent_find(ids) == ids.end();
}

void SnapshotBuilder::readOthers()
{
    if (!areOthersDistinct())
        return fail(Code::E_CANON);
    ColumnReader in = column(Part::OtherOps);
    const PlaceResolver resolver(m_changes);
    const OwnChange own{ChangeHandle(UINT32_MAX), DeviceIndex(0), Seq(m_changes.size() + 1)};
    RowsOfAll rows(m_counts.others == 0 ? 0 : m_changes.size());
    for (std::size_t i = 0; i < m_counts.others; ++i) {
        const std::uint64_t place = in.get(kLocalIdsMax);
        const auto index = std::rotr(static_cast<std::uint32_t>(in.get(UINT32_MAX)), 1);
        const ByteView bytes = in.raw(in.get(limits::kDecodedBytesMax));
        if (!in.ok() || place >= m_changes.size())
            return fail(Code::E_CANON);
        const auto ops = decodeOps(bytes, own, resolver);
        if (!ops)
            return fail(ops.error());
        const OpId id{m_changes[place], index};
        if (ops->size() != 1 || isFormat(ops->front()) != (index >= kFirstFormat)
            || !rows.admit(ops->front(), place, index) || m_text->areCharacters(id, 1))
            return fail(Code::E_CANON);
        const auto verdict = m_document.check(own.handle, *ops, [](ChangeHandle) { return true; });
        if (!verdict)
            return fail(verdict.error());
        DocumentParts::apply(m_document, {id, ops->front()});
    }
}

} // namespace nlbd::crdt
