#include "core/history/archive.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/history/archive_columns.h"
#include "tests/core/history/random_history.h"

#include <QTest>
#include <sodium.h>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Group;
using nlbd::test::RandomHistory;
using nlbd::test::Replica;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = docIndexOf(DeviceIndex(0), 1);

using Changes = std::vector<UnverifiedChange>;

KeyLookup keyOf(const Group &group)
{
    return [&group](KeyEpoch epoch) { return epoch == KeyEpoch(0) ? &group.key : nullptr; };
}

Bytes encoded(const Group &group, const Changes &changes,
              ArchiveSignatures signatures = ArchiveSignatures::Tails)
{
    auto bytes = encodeArchive(changes, group.configuration, keyOf(group), signatures);
    CHECK(bytes.has_value());
    return std::move(*bytes);
}

auto decoded(const Group &group, ByteView bytes)
{
    return decodeArchive(bytes, group.configuration, group.scheme, keyOf(group));
}

std::string_view errorOf(const Group &group, ByteView bytes)
{
    const auto result = decoded(group, bytes);
    return result ? "none" : codeName(result.error());
}

/// True if every record came out as it went in, but for signatures that were left out.
bool isSame(const std::vector<ArchivedChange> &archived, const Changes &changes)
{
    return std::ranges::equal(archived, changes,
                              [](const ArchivedChange &it, UnverifiedChange original) {
                                  if (!it.isSigned)
                                      original.signature = {};
                                  return it.change == original;
                              });
}

std::size_t signaturesIn(const std::vector<ArchivedChange> &archived)
{
    return static_cast<std::size_t>(std::ranges::count_if(archived, &ArchivedChange::isSigned));
}

/// True if both kinds of archive give everything back; `kept` signatures are in the smaller one.
bool survives(const Group &group, const Changes &changes, std::size_t kept)
{
    const auto tails = decoded(group, encoded(group, changes));
    const auto all = decoded(group, encoded(group, changes, ArchiveSignatures::All));
    return tails && all && isSame(*tails, changes) && isSame(*all, changes)
        && signaturesIn(*tails) == kept && signaturesIn(*all) == changes.size();
}

/// Bytes of changes that are not told by their ops.
std::size_t verbatimBytes(const Group &group, const Changes &changes)
{
    const Bytes bytes = encoded(group, changes);
    Reader in(bytes);
    (void)in.raw(kArchiveMagic.size() + 1 + WorkspaceId::kSize + 1);
    (void)in.varint();
    crdt::PackedColumn column;
    for (std::size_t part = 0; part <= static_cast<std::size_t>(ArchivePart::Verbatim); ++part)
        column = crdt::readPacked(in);
    return column.size;
}

/// What a person with a toolbar does: formats, blocks, a list and a counter.
crdt::Ops richEdit(crdt::Document &document, crdt::OpId list, crdt::OpId counter, Random &random,
                   crdt::Draft draft)
{
    const auto length = document.length();
    const auto at = static_cast<TextOffset>(random.below(length + 1));
    document.insert(at, "\xC3\xA4\nb", draft);
    document.mark(at, at + 3, random.below(2) == 0 ? "bold" : "link", "yes", draft);
    document.mark(0, at + 1, "bold", std::nullopt, draft);
    document.setAttribute(at + 1, "kind", "quote", draft);
    if (at > 0)
        document.erase(at - 1, 2, draft);
    (void)document.insertItem(list, 0, crdt::Value("milk"), draft);
    document.increment(counter, -3, draft);
    return draft.ops;
}

/// Seals with a nonce that does not follow from the content, as only another program would.
Bytes sealedWithNonce(const Group &group, const ChangeHeader &header, ByteView plaintext)
{
    Writer doc;
    doc.u32(header.doc.value);
    const Hash key = keyedDigest(domains::kDocumentKey, group.key.view(), {doc.bytes()});
    Bytes payload(keys::kPayloadOverhead + plaintext.size(), std::byte{7});
    const ByteView nonce = ByteView(payload).first(24);
    const Hash prefix = keyedDigest(domains::kCommit, key.view(), {nonce});
    Bytes committed(prefix.value.begin(), prefix.value.begin() + 16);
    committed.insert(committed.end(), plaintext.begin(), plaintext.end());
    const Hash associated = header.associated();
    crypto_aead_xchacha20poly1305_ietf_encrypt(ucharsOut(std::span(payload).subspan(24)), nullptr,
                                               uchars(committed), committed.size(),
                                               uchars(associated.view()), associated.view().size(),
                                               nullptr, uchars(nonce), uchars(key.view()));
    return payload;
}

/// Two people, a merge, deletions, a title: small enough to try every bit.
struct Scene {
    Group group{2, kScheme};
    Replica ann{group, 0};
    Replica ben{group, 1};
    Changes changes;

    Scene()
    {
        pass(ann.setTitle(kDoc, "T"), ben);
        const Change a = ann.insert(kDoc, 0, "Hello");
        pass(ben.insert(kDoc, 0, "gr\xC3\xBC\xC3\x9F"), ann);
        pass(a, ben);
        pass(ann.erase(kDoc, 2, 5), ben);
        pass(ben.insert(kDoc, 1, "..."), ann);
    }
    void pass(const Change &change, Replica &reader)
    {
        CHECK(reader.receive(change.raw()).has_value());
        changes.push_back(change.raw());
    }
};

} // namespace

class ArchiveTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restoresNothing();
    void restoresAnyHistory();
    void restoresRichText();
    void isValidWhereItComesOut();
    void keepsForksProvable();
    void keepsWhatIsUnusual();
    void keepsWhatWasSealedOtherwise();
    void keepsParentsThatAreElsewhere();
    void keepsWhatItCannotRead();
    void namesWhatIsWrong();
    void refusesForgeries();
    void believesNoFlippedBit();
    void refusesEveryCutAndExtension();
    void refusesHostileCounts();
    void refusesToArchiveNonsense();
};

void ArchiveTest::restoresNothing()
{
    const Group group(1, kScheme);
    QVERIFY(survives(group, {}, 0));
}

void ArchiveTest::restoresAnyHistory()
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Group group(1 + seed % 5, kScheme, seed);
        SeededRandom random(seed);
        const RandomHistory history(group, random, 150);
        std::set<DeviceIndex> writers;
        for (const UnverifiedChange &change : history.changes())
            writers.insert(change.header.device);
        QVERIFY2(survives(group, history.changes(), writers.size()),
                 qPrintable(QString("seed %1").arg(seed)));
        QCOMPARE(verbatimBytes(group, history.changes()), std::size_t(0));
    }
}

void ArchiveTest::restoresRichText()
{
    const Group group(2, kScheme);
    Replica ann(group, 0);
    Replica ben(group, 1);
    SeededRandom random(4);
    Changes changes;
    const auto publish = [&](Replica &writer, Replica &reader, const crdt::Ops &ops) {
        const Change change =
            writer.validator.author(group.people[writer.me().value].device, writer.me(),
                                    ChangeKind::Edit, kDoc, ops, writer.head, writer.heads(), {});
        writer.graph.add(change);
        writer.head = change.handle();
        changes.push_back(change.raw());
        const auto valid = reader.validator.validate(change.raw());
        CHECK(valid.has_value());
        reader.graph.add(*valid);
        reader.document(kDoc).integrate(valid->handle(), valid->ops());
    };
    crdt::Draft first{ann.graph.nextHandle(), {}, 0};
    const auto list =
        ann.document(kDoc).set(crdt::kRoot, "to do", crdt::Value(crdt::Value::Kind::List), first);
    const auto counter = ann.document(kDoc).set(crdt::kRoot, "votes",
                                                crdt::Value(crdt::Value::Kind::Counter), first);
    publish(ann, ben, first.ops);
    for (std::size_t i = 0; i < 40; ++i) {
        Replica &writer = i % 3 == 0 ? ann : ben;
        publish(writer, i % 3 == 0 ? ben : ann,
                richEdit(writer.document(kDoc), list, counter, random,
                         {writer.graph.nextHandle(), {}, 0}));
    }
    QVERIFY(survives(group, changes, 2));
    QCOMPARE(verbatimBytes(group, changes), std::size_t(0));
}

void ArchiveTest::isValidWhereItComesOut()
{
    const Group group(3, kScheme);
    SeededRandom random(5);
    RandomHistory history(group, random, 200);
    const auto archived = decoded(group, encoded(group, history.changes()));
    QVERIFY(archived.has_value());
    Replica fromArchive(group, 0);
    Replica fromRecords(group, 0);
    for (const ArchivedChange &it : *archived) {
        const auto need = it.isSigned ? SignatureNeed::Check : SignatureNeed::Covered;
        const auto valid = fromArchive.validator.validate(it.change, need);
        QVERIFY(valid.has_value());
        fromArchive.graph.add(*valid);
        fromArchive.document(kDoc).integrate(valid->handle(), valid->ops());
    }
    for (const UnverifiedChange &change : history.changes())
        QVERIFY(fromRecords.receive(change).has_value());
    QCOMPARE(fromArchive.document(kDoc).text(), fromRecords.document(kDoc).text());
    QVERIFY(!fromArchive.document(kDoc).text().empty());
}

/// Ben has two computers with one key: both branches come to Ann, who writes at letters of both.
void ArchiveTest::keepsForksProvable()
{
    Scene s;
    Replica twin(s.group, 1);
    for (const UnverifiedChange &change : s.changes)
        QVERIFY(twin.receive(change).has_value());
    const Change one = s.ben.insert(kDoc, 0, "one");
    const Change other = twin.insert(kDoc, 0, "other");
    const Change later = twin.insert(kDoc, 3, "!");
    QVERIFY(s.ann.receive(one.raw()) && s.ann.receiveBranch(other.raw())
            && s.ann.receive(later.raw()));
    for (const Change *change : {&one, &other, &later})
        s.changes.push_back(change->raw());
    for (TextOffset at = 0; at <= 8; ++at)
        s.changes.push_back(s.ann.insert(kDoc, at * 2, "x").raw());
    // Ann's last, the end of each branch, and the first of the longer one.
    QVERIFY(survives(s.group, s.changes, 4));
    // A branch may start at a chain's first change.
    Replica copy(s.group, 1);
    QVERIFY(copy.receive(s.changes[0]).has_value());
    s.changes.push_back(copy.insert(kDoc, 0, "start").raw());
    QVERIFY(survives(s.group, s.changes, 6));
}

void ArchiveTest::keepsWhatIsUnusual()
{
    Scene s;
    UnverifiedChange change = s.changes.back();
    change.header.kind = ChangeKind::Undo;
    change.header.wallMs = INT64_MIN;
    change.header.epoch = Epoch(UINT32_MAX);
    change.header.doc = DocIndex(UINT32_MAX);
    change.header.lamport = Lamport(0);
    s.changes.back() = test::resealed(s.group, change, test::contentOf(s.group, s.changes.back()));
    QVERIFY(survives(s.group, s.changes, 2));
    // Content that no encoder writes, well sealed and signed.
    s.changes.back() = test::resealed(s.group, change, bytesOf("no operations"));
    QVERIFY(survives(s.group, s.changes, 2));
    QVERIFY(verbatimBytes(s.group, s.changes) > 0);
    s.changes.back().header.opCount = 77;
    s.changes.back() = test::resealed(s.group, s.changes.back(), bytesOf(""));
    QVERIFY(survives(s.group, s.changes, 2));
    // Ops that point beyond what their targets hold: delete 2^31 letters, hang at letter 99.
    for (const std::string_view ops : {"\1\x11\1\0\x80\x80\x80\x80\x08", "\1\x14\1\x63\1x"}) {
        const auto size = ops.front() == '\1' && ops[1] == '\x11' ? 9UL : 6UL;
        s.changes.back().header.opCount = 1;
        s.changes.back() = test::resealed(s.group, s.changes.back(), bytesOf({ops.data(), size}));
        QVERIFY(survives(s.group, s.changes, 2));
    }
}

void ArchiveTest::keepsWhatWasSealedOtherwise()
{
    Scene s;
    UnverifiedChange &change = s.changes.back();
    const Bytes content = test::contentOf(s.group, change);
    change.payload = sealedWithNonce(s.group, change.header, content);
    change.header.payloadHash = digest(domains::kPayload, change.payload);
    change = test::resigned(s.group, change);
    Replica reader(s.group, 0);
    for (const UnverifiedChange &it : s.changes)
        QVERIFY(reader.receive(it).has_value()); // a rule of writing, none of validity
    QVERIFY(survives(s.group, s.changes, 2));
}

void ArchiveTest::keepsParentsThatAreElsewhere()
{
    const Group group(3, kScheme);
    SeededRandom random(9);
    const RandomHistory history(group, random, 120);
    Changes part;
    for (std::size_t i = 0; i < history.changes().size(); ++i)
        if (i % 5 != 2)
            part.push_back(history.changes()[i]);
    std::set<Hash> named;
    for (const UnverifiedChange &change : part)
        named.insert(change.header.prev);
    const auto ends = std::ranges::count_if(
        part, [&](const UnverifiedChange &change) { return !named.contains(change.hash); });
    QVERIFY(ends > 10);
    QVERIFY(survives(group, part, static_cast<std::size_t>(ends)));
    // Effects before causes cost bytes, not truth.
    QVERIFY(survives(group, {part.rbegin(), part.rend()}, part.size()));
}

void ArchiveTest::keepsWhatItCannotRead()
{
    const Scene s;
    const auto noKey = [](KeyEpoch) -> const keys::WorkspaceKey * { return nullptr; };
    const auto sealed =
        encodeArchive(s.changes, s.group.configuration, noKey, ArchiveSignatures::Tails);
    QVERIFY(sealed.has_value());
    const auto result = decodeArchive(*sealed, s.group.configuration, kScheme, noKey);
    QVERIFY(result && isSame(*result, s.changes));
}

void ArchiveTest::namesWhatIsWrong()
{
    const Scene s;
    const Bytes bytes = encoded(s.group, s.changes);
    const auto noKey = [](KeyEpoch) -> const keys::WorkspaceKey * { return nullptr; };
    const auto unread = decodeArchive(bytes, s.group.configuration, kScheme, noKey);
    QCOMPARE(unread.error(), Code::E_KEY_COMMIT);

    const Group others(2, kScheme, 2);
    QCOMPARE(errorOf(others, bytes), "E_NOT_MEMBER");
    identity::Configuration fewer = s.group.configuration;
    fewer.devices.resize(1);
    QCOMPARE(decodeArchive(bytes, fewer, kScheme, keyOf(s.group)).error(), Code::E_NOT_MEMBER);
    const auto otherKey = [&](KeyEpoch) { return &others.key; };
    QCOMPARE(decodeArchive(bytes, s.group.configuration, kScheme, otherKey).error(), Code::E_SIG);
    QCOMPARE(errorOf(s.group, bytesOf("nothing of the kind, only some words")), "E_CANON");
}

/// Whoever has no key of Ben's cannot make Ben say something else, also not in the middle.
void ArchiveTest::refusesForgeries()
{
    Scene s;
    for (std::size_t i = 0; i < s.changes.size(); ++i) {
        Changes forged = s.changes;
        UnverifiedChange &change = forged[i];
        change.header.wallMs += 1;
        change.payload = keys::sealPayload(
            s.group.key,
            {kDoc, change.header.device, change.header.seq, change.header.associated()},
            test::contentOf(s.group, s.changes[i]));
        change.header.payloadHash = digest(domains::kPayload, change.payload);
        change.hash = change.header.hash();
        // What follows is hung at the forgery, as the forger would.
        std::map<Hash, Hash> renamed{{s.changes[i].hash, change.hash}};
        for (std::size_t later = i + 1; later < forged.size(); ++later) {
            UnverifiedChange &it = forged[later];
            const Bytes content = test::contentOf(s.group, s.changes[later]);
            if (const auto found = renamed.find(it.header.prev); found != renamed.end())
                it.header.prev = found->second;
            for (DepRef &dep : it.header.deps)
                if (const auto found = renamed.find(dep.hash); found != renamed.end())
                    dep.hash = found->second;
            it.payload = keys::sealPayload(
                s.group.key, {kDoc, it.header.device, it.header.seq, it.header.associated()},
                content);
            it.header.payloadHash = digest(domains::kPayload, it.payload);
            it.hash = it.header.hash();
            renamed[s.changes[later].hash] = it.hash;
        }
        QCOMPARE(errorOf(s.group, encoded(s.group, forged)), "E_SIG");
    }
    s.changes[1].signature.value[5] ^= std::byte{1};
    QCOMPARE(errorOf(s.group, encoded(s.group, s.changes)), "none"); // it is left out
    QCOMPARE(errorOf(s.group, encoded(s.group, s.changes, ArchiveSignatures::All)), "E_SIG");
}

void ArchiveTest::believesNoFlippedBit()
{
    const Scene s;
    for (const auto signatures : {ArchiveSignatures::Tails, ArchiveSignatures::All}) {
        const Bytes bytes = encoded(s.group, s.changes, signatures);
        std::size_t accepted = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes altered = bytes;
                altered[i] ^= std::byte(1U << bit);
                const auto result = decoded(s.group, altered);
                accepted += result ? 1 : 0;
                QVERIFY2(!result || isSame(*result, s.changes),
                         qPrintable(QString("byte %1 bit %2").arg(i).arg(bit)));
            }
        qInfo("%zu bytes, %zu of %zu flips change nothing", bytes.size(), accepted,
              bytes.size() * 8);
    }
    // One that is long enough to be packed.
    const Group group(3, kScheme);
    SeededRandom random(6);
    const RandomHistory history(group, random, 300);
    const Bytes bytes = encoded(group, history.changes());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte(1U << i % 8);
        const auto result = decoded(group, altered);
        QVERIFY(!result || isSame(*result, history.changes()));
    }
}

void ArchiveTest::refusesEveryCutAndExtension()
{
    const Scene s;
    Bytes bytes = encoded(s.group, s.changes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!decoded(s.group, ByteView(bytes).first(size)).has_value());
    bytes.push_back(std::byte{0});
    QCOMPARE(errorOf(s.group, bytes), "E_CANON");
}

void ArchiveTest::refusesHostileCounts()
{
    const Group group(1, kScheme);
    for (const std::uint64_t count : {std::uint64_t(1), kArchiveChangesMax, kArchiveChangesMax + 1,
                                      std::uint64_t(UINT64_MAX)}) {
        Writer out;
        out.raw(bytesOf("nlbd-arc"));
        out.u8(1);
        out.fixedBytes(group.configuration.workspace);
        out.u8(0);
        out.varint(count);
        for (std::size_t column = 0; column < 15; ++column)
            out.u16(0);
        out.varint(0);
        QCOMPARE(errorOf(group, out.bytes()), count > kArchiveChangesMax ? "E_BOUNDS" : "E_CANON");
    }
}

void ArchiveTest::refusesToArchiveNonsense()
{
    const Scene s;
    const auto errorFor = [&](const Changes &changes) {
        const auto bytes =
            encodeArchive(changes, s.group.configuration, keyOf(s.group), ArchiveSignatures::Tails);
        return bytes ? std::string_view("none") : codeName(bytes.error());
    };
    Changes changes = s.changes;
    changes.push_back(changes.front());
    QCOMPARE(errorFor(changes), "DUPLICATE");
    changes = s.changes;
    changes[2].payload[30] ^= std::byte{1};
    QCOMPARE(errorFor(changes), "E_PAYLOAD_HASH");
    changes = s.changes;
    changes[2].hash.value[0] ^= std::byte{1};
    QCOMPARE(errorFor(changes), "E_PAYLOAD_HASH");
    changes = s.changes;
    changes[2].header.device = DeviceIndex(9);
    QCOMPARE(errorFor(changes), "E_NOT_MEMBER");
    changes = s.changes;
    changes[2].header.deps.resize(limits::kDepsMax + 1);
    QCOMPARE(errorFor(changes), "E_BOUNDS");
}

QTEST_APPLESS_MAIN(ArchiveTest)
#include "archive_test.moc"
