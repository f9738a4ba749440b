#include "core/base/check.h"
#include "tests/support/hostile.h"

namespace nlbd::hostile {

namespace {

/// Far above what a person creates: nobody else ever writes there by chance.
constexpr std::uint16_t kDocumentNumber = 0xFFF0;

keys::PayloadContext contextOf(const history::ChangeHeader &header)
{
    return {header.doc, header.device, header.seq, header.associated()};
}

} // namespace

Frame frameOf(const gossip::Message &message)
{
    return {static_cast<std::uint8_t>(gossip::kindOf(message)), gossip::encode(message)};
}

Frame changesFrame(const std::vector<Record> &records)
{
    gossip::Changes message;
    for (const Record &record : records)
        message.changes.push_back(history::encodeFull(record));
    return frameOf(message);
}

Pen::Pen(const Member &member)
    : m_member(member)
    , m_validator(
          m_member.configuration, m_graph, m_member.scheme,
          [this](KeyEpoch) { return &m_member.key; },
          [this](DocIndex doc) { return &documentOf(doc); })
{
}

crdt::Document &Pen::documentOf(DocIndex doc)
{
    return m_documents.try_emplace(doc, m_graph).first->second;
}

DocIndex Pen::document() const
{
    return history::docIndexOf(m_member.me, kDocumentNumber);
}

void Pen::add(const history::Change &change)
{
    crdt::Document &document = documentOf(change.header().doc);
    m_graph.add(change);
    static_cast<void>(document.apply(change.handle(), change.ops()));
    m_records.push_back(change.raw());
    if (change.header().device == m_member.me && change.prev() == m_head)
        m_head = change.handle();
}

bool Pen::take(const Record &record)
{
    const auto change = m_validator.validateWanted(record, history::SignatureNeed::Covered);
    if (!change)
        return false;
    add(*change);
    return true;
}

void Pen::takeAll(const std::vector<store::ChangeRow> &rows)
{
    std::vector<Record> left;
    for (const store::ChangeRow &row : rows)
        left.push_back(*history::decodeFull(row.record));
    for (bool isNew = true; isNew;) {
        const std::size_t before = left.size();
        std::erase_if(left, [this](const Record &record) { return take(record); });
        isNew = left.size() < before;
    }
}

history::Change Pen::author(const crdt::Ops &ops, DocIndex doc, ChangeHandle prev,
                            const std::vector<ChangeHandle> &seen, WallTime wall,
                            history::ChangeKind kind) const
{
    return m_validator.author(m_member.device, m_member.me, kind, doc, ops, prev, seen, wall);
}

crdt::Ops Pen::typing(std::string_view text) const
{
    return {crdt::SetField{"title", "Malory"},
            crdt::InsertText{crdt::kRoot, crdt::Side::Right, std::string(text)}};
}

Record Pen::append(std::string_view text, WallTime wall)
{
    return append(typing(text), wall);
}

Record Pen::append(const crdt::Ops &ops, WallTime wall)
{
    const history::Change change = author(ops, document(), m_head, {}, wall);
    add(change);
    return change.raw();
}

Record Pen::appendOver(const crdt::Ops &ops, DocIndex doc, WallTime wall, history::ChangeKind kind)
{
    const auto heads = m_graph.heads();
    const history::Change change =
        author(ops, doc, m_head, std::vector<ChangeHandle>(heads.begin(), heads.end()), wall, kind);
    add(change);
    return change.raw();
}

Record Pen::draft(const crdt::Ops &ops, WallTime wall) const
{
    return author(ops, document(), m_head, {}, wall).raw();
}

Record Pen::twinOf(ChangeHandle change, std::string_view text) const
{
    const auto &entry = m_graph.entry(change);
    CHECK(entry.device == m_member.me);
    return author(typing(text), document(), entry.prev, entry.deps, WallTime(Millis(entry.wallMs)))
        .raw();
}

Record Pen::resigned(Record record) const
{
    record.hash = record.header.hash();
    record.signature = m_member.scheme.sign(m_member.device, domains::kChange,
                                            m_member.configuration.workspace, record.hash);
    return record;
}

Record Pen::resealed(Record record, ByteView content) const
{
    history::ChangeHeader &header = record.header;
    header.payloadBytes = static_cast<std::uint32_t>(content.size() + keys::kPayloadOverhead);
    record.payload = keys::sealPayload(m_member.key, contextOf(header), content);
    header.payloadHash = digest(domains::kPayload, record.payload);
    return resigned(std::move(record));
}

Bytes Pen::contentOf(const Record &record) const
{
    const auto content = keys::openPayload(m_member.key, contextOf(record.header), record.payload);
    CHECK(content.has_value());
    return *content;
}

Frame Pen::ack(std::uint64_t no, const trust::Frontier &frontier) const
{
    const auto seat = m_member.configuration.seatOf(m_member.me);
    CHECK(seat.has_value());
    const trust::Ack signedAck =
        trust::signAck(m_member.scheme, m_member.device, m_member.configuration, *seat, no,
                       trust::rootOf(frontier));
    gossip::AckMessage message;
    message.ack = signedAck.encode();
    message.entries = trust::encodeFrontier(frontier);
    return frameOf(message);
}

std::vector<ChangeHandle> Pen::mine() const
{
    std::vector<ChangeHandle> chain;
    for (ChangeHandle at = m_head; at != ChangeHandle(0); at = m_graph.entry(at).prev)
        chain.push_back(at);
    std::ranges::reverse(chain);
    return chain;
}

const Record &Pen::recordOf(ChangeHandle change) const
{
    CHECK(change.value >= 1 && change.value <= m_records.size());
    return m_records[change.value - 1];
}

std::optional<Frame> Pen::answer(std::uint8_t kind, ByteView body) const
{
    const auto message = gossip::decode(kind, body);
    if (!message)
        return std::nullopt;
    gossip::Changes reply;
    const auto add = [&reply](const Record &record) {
        if (reply.changes.size() < limits::kRangeChangesMax)
            reply.changes.push_back(history::encodeFull(record));
    };
    if (const auto *pull = std::get_if<gossip::PullRanges>(&*message)) {
        reply.request = pull->request;
        for (const gossip::Range &range : pull->ranges) {
            for (const Record &record : m_records) {
                if (record.header.device == range.device && record.header.seq >= range.first
                    && record.header.seq <= range.last)
                    add(record);
            }
        }
    } else if (const auto *hashes = std::get_if<gossip::PullHashes>(&*message)) {
        reply.request = hashes->request;
        for (const Hash &hash : hashes->hashes) {
            const ChangeHandle held = m_graph.find(hash);
            const auto extra = m_extra.find(hash);
            if (held != ChangeHandle(0))
                add(recordOf(held));
            else if (extra != m_extra.end())
                add(extra->second);
        }
    } else if (const auto *control = std::get_if<gossip::PullControl>(&*message)) {
        gossip::ControlRecords records;
        for (const Hash &hash : control->hashes)
            if (const auto held = m_control.find(hash); held != m_control.end())
                records.records.push_back(held->second);
        return records.records.empty() ? std::nullopt : std::optional(frameOf(records));
    } else {
        return std::nullopt;
    }
    return frameOf(reply);
}

} // namespace nlbd::hostile
