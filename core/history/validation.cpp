#include "core/history/validation.h"

#include "core/base/check.h"
#include "core/crdt/op_codec.h"
#include "core/history/header_rules.h"
#include "core/history/void_rule.h"

namespace nlbd::history {

namespace {

using Kind = Refused::Kind;
/// Nothing: the step found no fault.
using Verdict = std::optional<Refused>;

Refused refused(Kind kind, Code code, std::string_view rule)
{
    return {.kind = kind, .code = code, .rule = std::string(rule)};
}

Refused invalid(Code code, std::string_view rule)
{
    return refused(Kind::Invalid, code, rule);
}

/// Names as they are written inside one change: relative to its past, the same at every replica.
class PastNames final : public crdt::ChangeNames, public crdt::ChangeResolver {
public:
    PastNames(const CausalGraph &graph, const Clock &past)
        : m_graph(graph)
        , m_past(past)
    {
    }

    [[nodiscard]] crdt::ChangeName nameOf(ChangeHandle change) const override
    {
        CHECK(m_graph.contains(m_past, change));
        const CausalGraph::Entry &entry = m_graph.entry(change);
        return {entry.device, entry.seq, m_graph.branchOrdinalOf(m_past, change)};
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const crdt::ChangeName &name) const override
    {
        return m_graph.inPastAt(m_past, name.device, name.seq, name.branch);
    }

private:
    const CausalGraph &m_graph;
    const Clock &m_past;
};

/// A change's parents as far as they are held.
struct Parents {
    ChangeHandle prev;
    std::vector<ChangeHandle> deps;
    std::vector<DepRef> missing;
    bool isPrevMissing = false;
};

Parents findParents(const CausalGraph &graph, const ChangeHeader &header)
{
    Parents parents;
    if (header.seq > Seq(1)) {
        parents.prev = graph.find(header.prev);
        parents.isPrevMissing = parents.prev == ChangeHandle(0);
        if (parents.isPrevMissing)
            parents.missing.push_back({header.device, Seq(header.seq.value - 1), header.prev});
    }
    for (const DepRef &dep : header.deps) {
        const ChangeHandle held = graph.find(dep.hash);
        if (held == ChangeHandle(0))
            parents.missing.push_back(dep);
        else
            parents.deps.push_back(held);
    }
    return parents;
}

/// Step 3.
Verdict checkKnown(const CausalGraph &graph, const UnverifiedChange &change)
{
    const ChangeHandle known = graph.find(change.hash);
    if (known == ChangeHandle(0))
        return std::nullopt;
    Refused result = refused(Kind::Duplicate, Code::DUPLICATE, "It is known already.");
    result.other = known;
    return result;
}

/// Step 4.
Verdict checkDevice(const identity::Configuration &configuration, const ChangeHeader &header)
{
    if (header.epoch > configuration.epoch)
        return refused(Kind::NeedsEpoch, Code::BUFFERED,
                       "It names a decision that has not arrived here yet.");
    if (configuration.device(header.device) == nullptr)
        return refused(Kind::Reject, Code::E_NOT_MEMBER, "It names a device that nobody admitted.");
    return std::nullopt;
}

/// Steps 5 and 7: also what cannot be judged yet is asked for at once, prev and deps together.
Refused needsParents(std::vector<DepRef> missing)
{
    Refused result = refused(Kind::NeedsParents, Code::BUFFERED,
                             "It builds on changes that have not arrived here yet.");
    result.missing = std::move(missing);
    return result;
}

/// Step 5: the change that follows the same prev already; 0 if there is none.
ChangeHandle rivalOf(const CausalGraph &graph, const ChangeHeader &header)
{
    for (const ChangeHandle other : graph.at(header.device, header.seq)) {
        const ChangeHandle prev = graph.entry(other).prev;
        if (prev == ChangeHandle(0) || graph.entry(prev).hash == header.prev)
            return other;
    }
    return ChangeHandle(0);
}

Refused forkOf(ChangeHandle other)
{
    Refused result =
        refused(Kind::Fork, Code::EV_FORK, "Its device signed another change at the same place.");
    result.other = other;
    return result;
}

ParentFacts factsOf(const CausalGraph::Entry &entry)
{
    return {entry.device, entry.seq, entry.epoch};
}

/// Step 8, logical time.
Verdict checkLamport(const CausalGraph &graph, const ChangeHeader &header, const Parents &parents)
{
    Lamport highest;
    if (parents.prev != ChangeHandle(0))
        highest = graph.entry(parents.prev).lamport;
    for (const ChangeHandle dep : parents.deps)
        highest = std::max(highest, graph.entry(dep).lamport);
    if (lamportAfter(highest) != header.lamport)
        return invalid(Code::E_LAMPORT,
                       "Its logical time does not follow from the changes it builds on.");
    return std::nullopt;
}

/// Step 8: every dep is where its name says, and none is implied by another parent.
Verdict checkParents(const CausalGraph &graph, const ChangeHeader &header, const Parents &parents)
{
    if (parents.prev != ChangeHandle(0))
        if (const auto fault = faultInPrev(header, factsOf(graph.entry(parents.prev))))
            return invalid(Code::E_STRUCT, *fault);
    for (std::size_t i = 0; i < parents.deps.size(); ++i) {
        const ChangeHandle dep = parents.deps[i];
        if (const auto fault = faultInDep(header, header.deps[i], factsOf(graph.entry(dep))))
            return invalid(Code::E_STRUCT, *fault);
        const auto implies = [&](ChangeHandle other) {
            return other != dep && graph.isInPast(dep, other);
        };
        if ((parents.prev != ChangeHandle(0) && graph.isInPast(dep, parents.prev))
            || std::ranges::any_of(parents.deps, implies))
            return invalid(Code::E_STRUCT, "It names a change that another one it names includes.");
    }
    return std::nullopt;
}

/// Step 8, the rest: structure, role, document.
Verdict checkStructure(const identity::Configuration &configuration, const CausalGraph &graph,
                       const ChangeHeader &header, const Parents &parents, const Clock &past)
{
    if (const auto fault = faultInHeader(header, configuration))
        return invalid(Code::E_STRUCT, *fault);
    if (Verdict verdict = checkParents(graph, header, parents))
        return verdict;
    if (const auto fault = faultInRole(header, *configuration.device(header.device)))
        return invalid(Code::E_ROLE, *fault);
    if (creatorOf(header.doc) != header.device && !graph.documentExists(past, header.doc))
        return invalid(Code::E_STRUCT, "It speaks of a document that its author cannot have seen.");
    return std::nullopt;
}

/// Step 9: void changes are left alone unless they are wanted as ghosts, and nobody who knew of the
/// decision builds on them.
Verdict checkFooting(const identity::Configuration &configuration, const CausalGraph &graph,
                     const UnverifiedChange &change, const Parents &parents, bool isWanted)
{
    const auto &header = change.header;
    if (!isWanted
        && footingOf(configuration, graph, header.device, header.seq, change.hash)
            == Footing::Beyond)
        return refused(Kind::Ignore, Code::E_VOID,
                       "A decision ended its device's right to write before this.");
    for (const ChangeHandle parent : parents.deps) {
        const CausalGraph::Entry &entry = graph.entry(parent);
        const auto &end = configuration.device(entry.device)->penEnd;
        if (end && header.epoch > end->epoch
            && footingOf(configuration, graph, entry.device, entry.seq, entry.hash)
                == Footing::Beyond)
            return invalid(Code::E_STRUCT,
                           "It builds on a change that a decision known to it had closed out.");
    }
    return std::nullopt;
}

keys::PayloadContext contextOf(const ChangeHeader &header)
{
    return {header.doc, header.device, header.seq, header.associated()};
}

/// Step 10.
std::expected<Bytes, Refused> openContent(const identity::Configuration &configuration,
                                          const KeyLookup &keyOf, const UnverifiedChange &change)
{
    const ChangeHeader &header = change.header;
    if (change.payload.size() != header.payloadBytes
        || digest(domains::kPayload, change.payload) != header.payloadHash)
        return std::unexpected(refused(Kind::Refetch, Code::E_PAYLOAD_HASH,
                                       "Its content is not the one that was signed."));
    if (header.keyEpoch > configuration.keyEpoch)
        return std::unexpected(invalid(Code::E_KEY_COMMIT, "It claims a key that nobody decided."));
    const keys::WorkspaceKey *key = keyOf(header.keyEpoch);
    if (key == nullptr)
        return std::unexpected(refused(Kind::Ignore, Code::E_KEY_COMMIT,
                                       "It is encrypted with a key that is not here."));
    auto plaintext = keys::openPayload(*key, contextOf(header), change.payload);
    if (!plaintext)
        return std::unexpected(invalid(plaintext.error(),
                                       plaintext.error() == Code::E_KEY_COMMIT
                                           ? "It is not encrypted with the decided key."
                                           : "Its content does not belong to it."));
    return std::move(*plaintext);
}

Refused faultInOps(Code code)
{
    switch (code) {
    case Code::E_OP_TARGET:
        return invalid(code, "It changes something that its author cannot have seen.");
    case Code::E_BOUNDS:
        return invalid(code, "Its content is larger than one change may be.");
    default:
        return invalid(code, "Its content is not written in the one way that is allowed.");
    }
}

/// Step 11.
std::expected<crdt::Ops, Refused> readOps(const CausalGraph &graph, const crdt::Document &document,
                                          const ChangeHeader &header, const Clock &past,
                                          ByteView plaintext)
{
    const ChangeHandle own = graph.nextHandle();
    auto ops = crdt::decodeOps(plaintext, {own, header.device, header.seq}, PastNames(graph, past));
    if (!ops)
        return std::unexpected(faultInOps(ops.error()));
    if (ops->size() != header.opCount)
        return std::unexpected(invalid(Code::E_CANON, "It says a wrong number of operations."));
    const auto isInPast = [&](ChangeHandle change) { return graph.contains(past, change); };
    if (const auto checked = document.check(own, *ops, isInPast); !checked)
        return std::unexpected(faultInOps(checked.error()));
    return std::move(*ops);
}

} // namespace

Validator::Validator(const identity::Configuration &configuration, const CausalGraph &graph,
                     const identity::SignatureScheme &scheme, KeyLookup key,
                     DocumentLookup document)
    : m_configuration(configuration)
    , m_graph(graph)
    , m_scheme(scheme)
    , m_key(std::move(key))
    , m_document(std::move(document))
{
}

bool Validator::isSigned(const UnverifiedChange &change) const
{
    const identity::Device *device = m_configuration.device(change.header.device);
    if (device == nullptr)
        return false;
    const auto holds = [&](const Hash &hash, const Signature &signature) {
        return m_scheme.verify(device->key, domains::kChange, m_configuration.workspace, hash,
                               signature);
    };
    if (holds(change.hash, change.signature))
        return true;
    Hash last = change.hash;
    for (const SignedHeader &link : change.cover) {
        if (link.header.device != change.header.device || link.header.prev != last)
            return false;
        last = link.header.hash();
    }
    return !change.cover.empty() && holds(last, change.cover.back().signature);
}

std::expected<Change, Refused> Validator::validate(UnverifiedChange change,
                                                   SignatureNeed need) const
{
    return judge(std::move(change), need, Admission::News);
}

std::expected<Change, Refused> Validator::validateWanted(UnverifiedChange change,
                                                         SignatureNeed need) const
{
    return judge(std::move(change), need, Admission::Wanted);
}

std::expected<Change, Refused> Validator::judge(UnverifiedChange raw, SignatureNeed need,
                                                Admission admission) const
{
    const ChangeHeader &header = raw.header;
    if (Verdict known = checkKnown(m_graph, raw)) // step 3
        return std::unexpected(std::move(*known));
    if (Verdict verdict = checkDevice(m_configuration, header)) // step 4
        return std::unexpected(std::move(*verdict));

    Parents parents = findParents(m_graph, header); // step 5
    if (parents.isPrevMissing)
        return std::unexpected(needsParents(std::move(parents.missing)));
    const ChangeHandle rival = rivalOf(m_graph, header);
    const bool isFork = rival != ChangeHandle(0) && admission == Admission::News;

    // Step 6. An accusation rests on a signature that was tried, whatever vouches for the change.
    const bool wantsSignature = need != SignatureNeed::Covered || isFork;
    if (wantsSignature && need != SignatureNeed::Tried && !isSigned(raw))
        return std::unexpected(refused(Kind::Reject, Code::E_SIG,
                                       "It is not signed by the device it claims to come from."));
    if (isFork)
        return std::unexpected(forkOf(rival));
    if (!parents.missing.empty()) // step 7
        return std::unexpected(needsParents(std::move(parents.missing)));

    const Clock past = m_graph.merged(parents.prev, parents.deps); // step 8
    if (Verdict verdict = checkLamport(m_graph, header, parents))
        return std::unexpected(std::move(*verdict));
    if (Verdict verdict = checkStructure(m_configuration, m_graph, header, parents, past))
        return std::unexpected(std::move(*verdict));

    const bool isWanted = admission == Admission::Wanted;
    if (Verdict verdict = checkFooting(m_configuration, m_graph, raw, parents, isWanted)) // step 9
        return std::unexpected(std::move(*verdict));

    auto plaintext = openContent(m_configuration, m_key, raw); // step 10
    if (!plaintext)
        return std::unexpected(std::move(plaintext.error()));
    const crdt::Document *document = m_document(header.doc);
    CHECK(document != nullptr);
    auto ops = readOps(m_graph, *document, header, past, *plaintext); // step 11
    if (!ops)
        return std::unexpected(std::move(ops.error()));

    Change change;
    change.m_ops = std::move(*ops);
    change.m_handle = m_graph.nextHandle();
    change.m_prev = parents.prev;
    change.m_deps = std::move(parents.deps);
    change.m_isSignatureChecked = wantsSignature;
    change.m_raw = std::move(raw);
    return change;
}

std::expected<Change, Code> Validator::decided(const DecidedChange &decided) const
{
    const ChangeHeader &header = decided.header;
    if (m_graph.find(decided.hash) != ChangeHandle(0))
        return std::unexpected(Code::DUPLICATE);
    if (m_configuration.device(header.device) == nullptr)
        return std::unexpected(Code::E_NOT_MEMBER);
    Parents parents = findParents(m_graph, header);
    const bool isWhole = parents.missing.empty() && !parents.isPrevMissing
        && header.epoch <= m_configuration.epoch && header.payloadBytes >= decided.content.size();
    if (!isWhole || checkLamport(m_graph, header, parents) || faultInHeader(header, m_configuration)
        || checkParents(m_graph, header, parents))
        return std::unexpected(Code::E_STRUCT);
    const Clock past = m_graph.merged(parents.prev, parents.deps);
    if (creatorOf(header.doc) != header.device && !m_graph.documentExists(past, header.doc))
        return std::unexpected(Code::E_STRUCT);
    const crdt::Document *document = m_document(header.doc);
    CHECK(document != nullptr);
    auto ops = readOps(m_graph, *document, header, past, decided.content);
    if (!ops)
        return std::unexpected(ops.error().code);
    Change change;
    change.m_ops = std::move(*ops);
    change.m_handle = m_graph.nextHandle();
    change.m_prev = parents.prev;
    change.m_deps = std::move(parents.deps);
    change.m_raw.header = header;
    change.m_raw.hash = decided.hash;
    return change;
}

std::optional<Bytes> Validator::contentOf(const UnverifiedChange &record) const
{
    auto content = openContent(m_configuration, m_key, record);
    return content ? std::optional(std::move(*content)) : std::nullopt;
}

std::optional<crdt::Ops> Validator::opsOf(ChangeHandle held, const UnverifiedChange &record) const
{
    if (m_graph.entry(held).hash != record.hash)
        return std::nullopt;
    const auto content = contentOf(record);
    return content ? opsOf(held, *content) : std::nullopt;
}

std::optional<crdt::Ops> Validator::opsOf(ChangeHandle held, ByteView content) const
{
    const CausalGraph::Entry &entry = m_graph.entry(held);
    const Clock past = m_graph.merged(entry.prev, entry.deps);
    auto ops = crdt::decodeOps(content, {held, entry.device, entry.seq}, PastNames(m_graph, past));
    return ops ? std::optional(std::move(*ops)) : std::nullopt;
}

Change Validator::author(const identity::SecretKey &device, DeviceIndex me, ChangeKind kind,
                         DocIndex doc, const crdt::Ops &ops, ChangeHandle prev,
                         const std::vector<ChangeHandle> &seen, WallTime wall) const
{
    const identity::Device *self = m_configuration.device(me);
    CHECK(self != nullptr && self->key == device.publicKey());
    CHECK(ops.size() <= limits::kOpsMax);
    const bool isFirst = prev == ChangeHandle(0);
    CHECK(isFirst || m_graph.entry(prev).device == me);

    Change change;
    change.m_ops = ops;
    change.m_handle = m_graph.nextHandle();
    change.m_prev = prev;
    ChangeHeader &header = change.m_raw.header;
    header.kind = kind;
    header.device = me;
    header.seq = isFirst ? Seq(1) : m_graph.entry(prev).seq.next();
    header.prev = isFirst ? self->admittedBy : m_graph.entry(prev).hash;
    header.epoch = m_configuration.epoch;
    header.deps = m_graph.reduce(prev, seen);
    CHECK(header.deps.size() <= limits::kDepsMax);

    Lamport highest = isFirst ? Lamport(0) : m_graph.entry(prev).lamport;
    for (const DepRef &dep : header.deps) {
        change.m_deps.push_back(m_graph.find(dep.hash));
        highest = std::max(highest, m_graph.entry(change.m_deps.back()).lamport);
    }
    header.lamport = highest.next();
    header.wallMs = wall.time_since_epoch().count();
    header.doc = doc;
    header.keyEpoch = m_configuration.keyEpoch;
    header.opCount = static_cast<std::uint16_t>(ops.size());

    const Clock past = m_graph.merged(prev, change.m_deps);
    const Bytes plaintext =
        crdt::encodeOps(ops, {change.m_handle, me, header.seq}, PastNames(m_graph, past));
    header.payloadBytes = static_cast<std::uint32_t>(plaintext.size() + keys::kPayloadOverhead);
    const keys::WorkspaceKey *key = m_key(header.keyEpoch);
    CHECK(key != nullptr);
    change.m_raw.payload = keys::sealPayload(*key, contextOf(header), plaintext);
    header.payloadHash = digest(domains::kPayload, change.m_raw.payload);
    change.m_raw.hash = header.hash();
    change.m_raw.signature =
        m_scheme.sign(device, domains::kChange, m_configuration.workspace, change.m_raw.hash);
    return change;
}

} // namespace nlbd::history
