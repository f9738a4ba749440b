// What no document names any more: noted, kept for a while, dropped.

#include "core/base/codec.h"
#include "core/engine/blobs.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"

namespace nlbd::engine {

namespace {

constexpr std::string_view kRow = "leaving";
constexpr int kLooksPerDay = 24;
constexpr std::size_t kUnratifiedMax = 10'000; // looked through in one go
constexpr std::size_t kDroppedAtOnce = 64;

} // namespace

// ---- the row ------------------------------------------------------------------------------------

void Blobs::load(const std::vector<store::MetaRow> &meta)
{
    const auto row = std::ranges::find(meta, kRow, &store::MetaRow::key);
    if (row == meta.end())
        return;
    Reader in(row->value);
    const WallTime lastLook{Millis(in.i64())};
    std::map<Hash, Millis> leaving;
    for (std::uint64_t left = in.varint(limits::kBlobsLeavingMax); left > 0 && in.ok(); --left) {
        const Hash root = in.fixedBytes<Hash>();
        leaving[root] = Millis(in.i64());
    }
    if (!in.done())
        return; // it only takes longer
    m_lastLook = lastLook;
    m_leaving = std::move(leaving);
}

void Blobs::saveLeaving()
{
    Writer out;
    out.i64(m_lastLook.value_or(WallTime()).time_since_epoch().count());
    out.varint(m_leaving.size());
    for (const auto &[root, passed] : m_leaving) {
        out.fixedBytes(root);
        out.i64(passed.count());
    }
    m_state.out.persist({store::MetaRow{std::string(kRow), std::move(out).take()}},
                        store::Sync::Lazy);
}

// ---- who is named -------------------------------------------------------------------------------

/// All fields count here, also those whose value is none that one can read, and values beside the
/// one that is shown: nothing goes because somebody wrote over a name at the same time.
void Blobs::countFields(DocIndex doc)
{
    for (const std::string &field : m_fields[doc])
        if (const auto count = m_naming.find(field); --count->second == 0)
            m_naming.erase(count);
    m_fields.erase(doc);
    const auto found = m_state.documents.find(doc);
    if (found == m_state.documents.end())
        return;
    std::vector<std::string> fields;
    for (std::string &field : found->second.document.keys(crdt::kRoot)) {
        if (!blobs::isBlobField(field))
            continue;
        const auto entries = found->second.document.entries(crdt::kRoot, field);
        if (std::ranges::any_of(entries, [](const crdt::Document::Entry &entry) {
                return entry.value.kind != crdt::Value::Kind::Nothing;
            }))
            fields.push_back(std::move(field));
    }
    for (const std::string &field : fields)
        ++m_naming[field];
    if (!fields.empty())
        m_fields.emplace(doc, std::move(fields));
}

// ---- what goes ----------------------------------------------------------------------------------

/// What documents say may still change without anybody writing.
bool Blobs::isUnsettled() const
{
    return m_state.isLoading || m_areAllDirty || !m_dirty.empty() || !m_state.keyDesk->isReady()
        || m_state.landing->isHolding()
        || std::ranges::any_of(m_state.disputed,
                               [this](DeviceIndex device) { return m_state.isDisputed(device); });
}

/// True if anything changed. A clock that jumps is a day at most: what was wrong at a start, or
/// stood still, makes nothing go early.
bool Blobs::noteLeaving()
{
    const Millis passed = std::clamp(m_state.now.wall - m_lastLook.value_or(m_state.now.wall),
                                     Millis{0}, m_state.config.dayLength);
    m_lastLook = m_state.now.wall;
    const std::map<Hash, Millis> before = m_leaving;
    std::erase_if(m_leaving, [this](const auto &entry) {
        return !m_holdings.contains(entry.first) || m_naming.contains(blobs::fieldOf(entry.first));
    });
    for (auto &[root, kept] : m_leaving)
        kept = std::max(kept, Millis{0}) + passed;
    for (const auto &[root, holding] : m_holdings)
        if (!m_naming.contains(blobs::fieldOf(root)) && m_leaving.size() < limits::kBlobsLeavingMax)
            m_leaving.try_emplace(root, Millis{0});
    return m_leaving != before;
}

std::vector<std::pair<Hash, WallTime>> Blobs::leaving() const
{
    std::vector<std::pair<Hash, WallTime>> all;
    for (const auto &[root, passed] : m_leaving)
        all.emplace_back(root, m_state.now.wall - passed);
    return all;
}

/// What changes that no quorum stands on yet say of attachments: a decision can still undo them.
/// Nothing: too many to look through.
std::optional<std::set<std::string>> Blobs::undecidedFields() const
{
    std::set<std::string> fields;
    if (m_state.isAlone())
        return fields;
    std::size_t count = 0;
    for (const auto &[doc, open] : m_state.documents)
        for (const ChangeHandle change : open.unratified) {
            if (++count > kUnratifiedMax)
                return std::nullopt;
            const auto ops = m_state.opsOf(change);
            if (!ops || m_state.isRatified(change))
                continue;
            for (const crdt::Op &op : *ops)
                if (const auto *field = std::get_if<crdt::SetField>(&op);
                    field != nullptr && field->object == crdt::kRoot)
                    fields.insert(field->key);
        }
    return fields;
}

void Blobs::dropLeft()
{
    const Millis kept = m_state.config.dayLength * limits::kBlobRetentionDays;
    std::vector<Hash> due;
    for (const auto &[root, passed] : m_leaving)
        if (passed >= kept && due.size() < kDroppedAtOnce)
            due.push_back(root);
    if (due.empty())
        return;
    const auto undecided = undecidedFields();
    if (!undecided)
        return;
    std::erase_if(due, [&](const Hash &root) { return undecided->contains(blobs::fieldOf(root)); });
    for (const Hash &root : due) {
        m_leaving.erase(root);
        forget(root);
    }
    if (!due.empty())
        saveLeaving();
}

void Blobs::lookForLeaving()
{
    if (!m_isDiskKnown || m_state.now.mono < m_nextLook)
        return;
    m_nextLook = m_state.now.mono + m_state.config.dayLength / kLooksPerDay;
    if (isUnsettled())
        return;
    if (noteLeaving())
        saveLeaving();
    dropLeft();
}

} // namespace nlbd::engine
