#pragma once

#include "core/consensus/vote.h"
#include "core/gossip/message.h"
#include "core/history/change_codec.h"
#include "core/history/validation.h"
#include "core/store/store.h"
#include "core/trust/ack.h"

#include <map>

/// Records and frames as only a hostile member would make them: shared by the simulator, the
/// program nlbd-malory and unit tests. Everything here is signed with the attacker's own key;
/// nothing can be signed with anybody else's.
namespace nlbd::hostile {

using Record = history::UnverifiedChange;

struct Frame {
    std::uint8_t kind = 0;
    Bytes body;
};
[[nodiscard]] Frame frameOf(const gossip::Message &message);
/// An answer that nobody asked for, in full form.
[[nodiscard]] Frame changesFrame(const std::vector<Record> &records);

/// What a member knows and has. All of it outlives the pen.
struct Member {
    const identity::Configuration &configuration;
    const identity::SignatureScheme &scheme;
    const identity::SecretKey &device;
    DeviceIndex me;
    const keys::WorkspaceKey &key;
};

/// A member's replica and hand: reads what honest engines send, writes valid changes and others.
class Pen {
public:
    explicit Pen(const Member &member);
    Pen(const Pen &) = delete;
    Pen &operator=(const Pen &) = delete;

    /// Takes a valid change, anybody's, whose parents were taken. False if it is not that.
    bool take(const Record &record);

    /// Takes what a member's disk holds, in whichever order it stands there.
    void takeAll(const std::vector<store::ChangeRow> &rows);

    /// A valid next change of mine, written down as such.
    [[nodiscard]] Record append(std::string_view text, WallTime wall);
    [[nodiscard]] Record append(const crdt::Ops &ops, WallTime wall);
    /// The same in any document, over all that I have taken.
    [[nodiscard]] Record appendOver(const crdt::Ops &ops, DocIndex doc, WallTime wall,
                                    history::ChangeKind kind = history::ChangeKind::Edit);
    /// The same, not written down: the next one takes its place again.
    [[nodiscard]] Record draft(const crdt::Ops &ops, WallTime wall) const;
    /// Another change at the place of one of mine, over the same past.
    [[nodiscard]] Record twinOf(ChangeHandle change, std::string_view text) const;

    /// Signs anew after the header was changed.
    [[nodiscard]] Record resigned(Record record) const;
    /// Puts other content in, then signs: header fields that follow from it are set.
    [[nodiscard]] Record resealed(Record record, ByteView content) const;
    [[nodiscard]] Bytes contentOf(const Record &record) const;

    /// An ack of my seat over any frontier, in a frame.
    [[nodiscard]] Frame ack(std::uint64_t no, const trust::Frontier &frontier) const;

    [[nodiscard]] crdt::Ops typing(std::string_view text) const; ///< at the start of my document
    [[nodiscard]] DocIndex document() const;                     ///< one that nobody else writes in
    [[nodiscard]] const Member &member() const noexcept { return m_member; }
    [[nodiscard]] const history::CausalGraph &graph() const noexcept { return m_graph; }
    [[nodiscard]] ChangeHandle head() const noexcept { return m_head; } ///< of my chain; 0 at first
    [[nodiscard]] std::vector<ChangeHandle> mine() const;               ///< my chain, oldest first
    [[nodiscard]] const Record &recordOf(ChangeHandle change) const;

    /// Answers to a pull: what of it is here. Nothing if the frame is no pull.
    [[nodiscard]] std::optional<Frame> answer(std::uint8_t kind, ByteView body) const;
    /// Serves this record as well.
    void hold(const Record &record) { m_extra[record.hash] = record; }
    /// Serves this record about decisions, by the hash that others name.
    void hold(const Hash &hash, gossip::ControlRecords::Record record)
    {
        m_control[hash] = std::move(record);
    }

private:
    [[nodiscard]] history::Change
    author(const crdt::Ops &ops, DocIndex doc, ChangeHandle prev,
           const std::vector<ChangeHandle> &seen, WallTime wall,
           history::ChangeKind kind = history::ChangeKind::Edit) const;
    void add(const history::Change &change);
    crdt::Document &documentOf(DocIndex doc);

    Member m_member;
    history::CausalGraph m_graph;
    std::map<DocIndex, crdt::Document> m_documents;
    history::Validator m_validator;
    std::vector<Record> m_records; ///< by handle - 1
    std::map<Hash, Record> m_extra;
    std::map<Hash, gossip::ControlRecords::Record> m_control;
    ChangeHandle m_head;
};

/// Where on a page of PROTOCOL B an attack stands, and what must answer it. Without a code: it
/// breaks no rule that one can show, and must have no effect.
struct Attack {
    std::string_view verb;
    int row = 0;
    std::optional<Code> code = Code::E_SIG;
    std::string_view sentence;
    /// Its proof alone convicts: honest seats ask for a fence by themselves, and what comes after
    /// it comes from a device without a pen. Such attacks stand last in every list.
    bool endsPen = false;
};
[[nodiscard]] const std::vector<Attack> &attacks();
/// The same about votes, reports, proposals, decisions and proofs.
[[nodiscard]] const std::vector<Attack> &councilAttacks();
/// Lies about what one holds, what others did, and which key or format counts.
[[nodiscard]] const std::vector<Attack> &lies();
/// What documents are made to say of attached files: well signed, and it breaks no rule.
[[nodiscard]] const std::vector<Attack> &blobAttacks();
[[nodiscard]] const Attack *attackNamed(std::string_view verb);

/// The code's name, or "nothing".
[[nodiscard]] inline std::string_view answerOf(const Attack &attack)
{
    return attack.code ? codeName(*attack.code) : "nothing";
}

/// The frames of an attack, in order. What is in `others` goes to every second victim instead of
/// `frames`; if it is empty all get the same.
struct Plan {
    std::vector<Frame> frames;
    std::vector<Frame> others;
    std::vector<Record> records; ///< well-formed changes among them
};

/// Readies an attack. Some write to the pen's chain first. Precondition: attackNamed(verb).
[[nodiscard]] Plan planOf(std::string_view verb, Pen &pen, Random &random, WallTime wall);
/// Likewise, of councilAttacks(). All of them fit into one epoch: none ends it.
[[nodiscard]] Plan councilPlanOf(std::string_view verb, Pen &pen, Random &random);
/// Likewise, of blobAttacks().
[[nodiscard]] Plan blobPlanOf(std::string_view verb, Pen &pen, Random &random, WallTime wall);
/// Likewise, of lies().
[[nodiscard]] Plan liePlanOf(std::string_view verb, Pen &pen, Random &random, WallTime wall);

} // namespace nlbd::hostile
