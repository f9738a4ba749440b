#include "core/history/state_root.h"

#include "core/base/check.h"
#include "core/history/checkpoint.h"
#include "tests/core/history/random_history.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Delivery;
using nlbd::test::Group;
using nlbd::test::RandomHistory;
using nlbd::test::Replica;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = docIndexOf(DeviceIndex(0), 1);

using Changes = std::vector<UnverifiedChange>;
using Decided = std::vector<DecidedChange>;

Decided decidedOf(const Group &group, const Changes &changes)
{
    Decided decided;
    for (const UnverifiedChange &change : changes)
        decided.push_back({change.header, test::contentOf(group, change), change.hash});
    return decided;
}

Hash rootOf(const Group &group, Replica &replica, const Decided &decided,
            const std::function<bool(ChangeHandle)> &isInside,
            const std::set<ChangeHandle> &voids = {})
{
    std::map<Hash, Hash> contents;
    for (const DecidedChange &change : decided)
        contents[change.hash] = contentHash(change.content);
    const auto root =
        stateRoot({replica.graph, [&](DocIndex doc) { return &replica.document(doc); }, isInside,
                   [&](ChangeHandle change) { return voids.contains(change); },
                   [&](ChangeHandle change) {
                       return std::optional(contents.at(replica.graph.entry(change).hash));
                   }});
    static_cast<void>(group);
    CHECK(root.has_value());
    return *root;
}

bool everything(ChangeHandle)
{
    return true;
}

/// Two people who format, make lists and count, meeting now and then.
class RichWorld {
public:
    RichWorld(const Group &group, std::uint64_t seed)
        : m_group(group)
        , m_ann(group, 0)
        , m_ben(group, 1)
        , m_random(seed)
    {
        crdt::Draft draft{m_ann.graph.nextHandle(), {}, 0};
        m_list = m_ann.document(kDoc).set(crdt::kRoot, "to do",
                                          crdt::Value(crdt::Value::Kind::List), draft);
        publish(m_ann, draft.ops);
        meet();
        for (int i = 0; i < 60; ++i) {
            edit(m_random.below(2) == 0 ? m_ann : m_ben);
            if (m_random.below(4) == 0)
                meet();
        }
        meet();
    }
    Changes changes;
    Replica &ann() { return m_ann; }

private:
    void publish(Replica &writer, const crdt::Ops &ops)
    {
        const auto at = static_cast<std::size_t>(writer.me().value);
        const Change change = writer.validator.author(
            m_group.people[at].device, writer.me(), ChangeKind::Edit, kDoc, ops, writer.head,
            writer.heads(), WallTime(Millis(m_random.below(1000))));
        writer.graph.add(change);
        writer.head = change.handle();
        changes.push_back(change.raw());
    }
    void edit(Replica &writer)
    {
        crdt::Document &document = writer.document(kDoc);
        crdt::Draft draft{writer.graph.nextHandle(), {}, 0};
        const auto at = static_cast<TextOffset>(m_random.below(document.length() + 1));
        document.insert(at, "\xC3\xA4\nb", draft);
        document.mark(at, at + 2, m_random.below(2) == 0 ? "bold" : "link", "yes", draft);
        document.mark(0, at + 1, "bold", std::nullopt, draft);
        document.setAttribute(at + 1, "kind", "quote", draft);
        if (at > 0)
            document.erase(at - 1, 2, draft);
        (void)document.insertItem(m_list, 0, crdt::Value("milk"), draft);
        publish(writer, draft.ops);
    }
    void meet()
    {
        for (const UnverifiedChange &change : changes) {
            (void)m_ann.receive(change);
            (void)m_ben.receive(change);
        }
    }
    const Group &m_group;
    Replica m_ann;
    Replica m_ben;
    SeededRandom m_random;
    crdt::OpId m_list;
};

Changes shuffled(Changes changes, Random &random)
{
    for (std::size_t i = changes.size(); i > 1; --i)
        std::swap(changes[i - 1], changes[static_cast<std::size_t>(random.below(i))]);
    return changes;
}

/// Delivered in random orders, the root is always the same; also through a snapshot.
Hash sameEverywhere(const Group &group, const Changes &changes, Random &random)
{
    const Decided decided = decidedOf(group, changes);
    std::set<Hash> roots;
    for (int i = 0; i < 3; ++i) {
        Replica replica(group, 2);
        Delivery delivery(replica);
        for (const UnverifiedChange &change : shuffled(changes, random))
            delivery.bring(change, PeerId(1));
        CHECK(replica.graph.size() == changes.size());
        roots.insert(rootOf(group, replica, decided, everything));
    }
    CHECK(roots.size() == 1);
    const auto snapshot = encodeCheckpoint(decided, group.configuration);
    CHECK(snapshot.has_value());
    const auto opened = openCheckpoint(*snapshot, group.configuration, *roots.begin());
    CHECK(opened.has_value() && *opened == decided);
    return *roots.begin();
}

Hash otherRoot(Hash root)
{
    root.value[0] ^= std::byte{1};
    return root;
}

/// What a snapshot of these changes is worth where a root was decided.
Code verdict(const Group &group, const Decided &changes, const Hash &root)
{
    const auto bytes = encodeCheckpoint(changes, group.configuration);
    if (!bytes)
        return bytes.error();
    const auto opened = openCheckpoint(*bytes, group.configuration, root);
    return opened ? Code::DUPLICATE : opened.error(); // which opening never says
}

constexpr Code kGood = Code::DUPLICATE;

} // namespace

class StateRootTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void doesNotDependOnArrival();
    void doesNotDependOnArrivalOfFormats();
    void isThatOfThePartInside();
    void everyChangeCounts();
    void everyLetterCounts();
    void everyBitOfASnapshotCounts();
    void whatIsVoidCounts();
    void headersAreHeldAgainstTheirHashes();
    void anArchiveIsNoSnapshot();
    void decidedFormsHaveOneEncoding();
    void vector();
};

void StateRootTest::doesNotDependOnArrival()
{
    const Group group(4, kScheme);
    std::set<Hash> roots;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SeededRandom random(seed);
        const RandomHistory history(group, random, 80);
        roots.insert(sameEverywhere(group, history.changes(), random));
    }
    QCOMPARE(roots.size(), std::size_t(40));
}

void StateRootTest::doesNotDependOnArrivalOfFormats()
{
    const Group group(4, kScheme);
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
        SeededRandom random(seed);
        const RichWorld world(group, seed);
        (void)sameEverywhere(group, world.changes, random);
    }
}

void StateRootTest::isThatOfThePartInside()
{
    const Group group(3, kScheme);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SeededRandom random(seed);
        RichWorld world(group, seed);
        const Decided decided = decidedOf(group, world.changes);
        // A frontier in the middle, held by somebody who has no more, and by somebody who has all.
        Replica &whole = world.ann();
        const Hash &middle = world.changes[world.changes.size() / 2].hash;
        const Clock past = whole.graph.clockOf(whole.graph.find(middle));
        const auto isInside = [&](ChangeHandle change) {
            return whole.graph.contains(past, change);
        };
        Replica part(group, 2);
        for (std::uint32_t i = 1; i <= whole.graph.size(); ++i)
            for (const UnverifiedChange &change : world.changes)
                if (isInside(ChangeHandle(i))
                    && change.hash == whole.graph.entry(ChangeHandle(i)).hash)
                    QVERIFY(part.receive(change).has_value());
        QVERIFY(part.graph.size() < whole.graph.size());
        QCOMPARE(rootOf(group, whole, decided, isInside), rootOf(group, part, decided, everything));
        QVERIFY(rootOf(group, whole, decided, everything)
                != rootOf(group, part, decided, everything));
    }
}

void StateRootTest::everyChangeCounts()
{
    const Group group(3, kScheme);
    SeededRandom random(3);
    const RandomHistory history(group, random, 60);
    const Decided decided = decidedOf(group, history.changes());
    const Hash root = sameEverywhere(group, history.changes(), random);
    QCOMPARE(verdict(group, decided, root), kGood);
    QCOMPARE(verdict(group, decided, otherRoot(root)), Code::E_STATE_ROOT);
    Decided fewer = decided;
    fewer.pop_back();
    QCOMPARE(verdict(group, fewer, root), Code::E_STATE_ROOT);
    Decided torn = decided;
    torn.erase(torn.begin());
    QVERIFY(verdict(group, torn, root) != kGood);
    Decided more = decided;
    Replica stranger(group, 1);
    for (const UnverifiedChange &change : history.changes())
        QVERIFY(stranger.receive(change).has_value());
    const UnverifiedChange extra = stranger.insert(kDoc, 0, "more").raw();
    more.push_back({extra.header, test::contentOf(group, extra), extra.hash});
    QCOMPARE(verdict(group, more, root), Code::E_STATE_ROOT);
}

void StateRootTest::everyLetterCounts()
{
    const Group group(3, kScheme);
    SeededRandom random(4);
    const RandomHistory history(group, random, 60);
    const Decided decided = decidedOf(group, history.changes());
    const Hash root = sameEverywhere(group, history.changes(), random);
    int altered = 0;
    for (std::size_t i = 0; i < decided.size(); ++i) {
        const auto letter = std::ranges::find(decided[i].content, std::byte{'a'});
        if (letter == decided[i].content.end())
            continue;
        Decided forged = decided; // the header says what it said, so that the hash does not tell
        forged[i].content[static_cast<std::size_t>(letter - decided[i].content.begin())] =
            std::byte{'b'};
        QCOMPARE(verdict(group, forged, root), Code::E_STATE_ROOT);
        ++altered;
    }
    QVERIFY(altered > 5);
}

void StateRootTest::everyBitOfASnapshotCounts()
{
    const Group group(3, kScheme);
    SeededRandom random(5);
    const RandomHistory history(group, random, 24);
    const Decided decided = decidedOf(group, history.changes());
    const Hash root = sameEverywhere(group, history.changes(), random);
    const Bytes good = *encodeCheckpoint(decided, group.configuration);
    std::map<Code, int> verdicts;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        const auto opened = openCheckpoint(bad, group.configuration, root);
        if (opened)
            QCOMPARE(*opened, decided); // zstd has bits that say nothing
        else
            ++verdicts[opened.error()];
    }
    QVERIFY(verdicts[Code::E_STATE_ROOT] > 100);
    QVERIFY(verdicts[Code::E_CANON] > 100);
    for (std::size_t length = 0; length < good.size(); ++length)
        QVERIFY(!openCheckpoint(ByteView(good).first(length), group.configuration, root));
}

void StateRootTest::whatIsVoidCounts()
{
    const Group group(3, kScheme);
    SeededRandom random(6);
    RandomHistory history(group, random, 40);
    const Decided decided = decidedOf(group, history.changes());
    Replica replica(group, 2);
    for (const UnverifiedChange &change : history.changes())
        QVERIFY(replica.receive(change).has_value());
    const Hash before = rootOf(group, replica, decided, everything);
    const ChangeHandle last(static_cast<std::uint32_t>(replica.graph.size()));
    QVERIFY(rootOf(group, replica, decided, everything, {last}) != before);
}

void StateRootTest::headersAreHeldAgainstTheirHashes()
{
    const Group group(3, kScheme);
    SeededRandom random(7);
    const RandomHistory history(group, random, 40);
    Decided decided = decidedOf(group, history.changes());
    const Hash root = sameEverywhere(group, history.changes(), random);
    decided[3].header.wallMs += 1;
    QCOMPARE(encodeCheckpoint(decided, group.configuration).error(), Code::E_PAYLOAD_HASH);
    decided[3].hash = decided[3].header.hash(); // as a liar would
    QVERIFY(verdict(group, decided, root) != kGood);
}

void StateRootTest::anArchiveIsNoSnapshot()
{
    const Group group(3, kScheme);
    SeededRandom random(8);
    const RandomHistory history(group, random, 40);
    const auto key = [&](KeyEpoch) { return &group.key; };
    const Bytes archive =
        *encodeArchive(history.changes(), group.configuration, key, ArchiveSignatures::Tails);
    const Bytes snapshot =
        *encodeCheckpoint(decidedOf(group, history.changes()), group.configuration);
    QCOMPARE(decodeCheckpoint(archive, group.configuration).error(), Code::E_CANON);
    QCOMPARE(decodeArchive(snapshot, group.configuration, kScheme, key).error(), Code::E_CANON);
}

void StateRootTest::decidedFormsHaveOneEncoding()
{
    const Group group(3, kScheme);
    SeededRandom random(9);
    const RandomHistory history(group, random, 40);
    for (const DecidedChange &change : decidedOf(group, history.changes())) {
        const Bytes record = encodeDecided(change);
        QVERIFY(isDecidedForm(record));
        QVERIFY(!decodeFull(record).has_value());
        const auto decoded = decodeDecided(record);
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == change);
        QVERIFY(!decodeDecided(ByteView(record).first(record.size() - 1)).has_value());
    }
    for (const UnverifiedChange &change : history.changes())
        QVERIFY(!isDecidedForm(encodeFull(change)));
}

/// What the fuzz target begins with.
void writeCorpus(const std::filesystem::path &folder)
{
    const Group group(3, kScheme);
    SeededRandom random(11);
    const RandomHistory plain(group, random, 60);
    const RichWorld rich(group, 11);
    const std::pair<const char *, Changes> inputs[] = {
        {"random", plain.changes()}, {"rich", rich.changes}, {"none", {}}};
    std::filesystem::create_directories(folder);
    for (const auto &[name, changes] : inputs) {
        const Bytes bytes = *encodeCheckpoint(decidedOf(group, changes), group.configuration);
        std::ofstream(folder / name, std::ios::binary) << viewOf(bytes);
        std::ofstream(folder / (std::string(name) + ".cut"), std::ios::binary)
            << viewOf(ByteView(bytes).first(bytes.size() / 2));
    }
}

/// tests/vectors/checkpoint.txt: what any other program must compute as well. With
/// NLBD_WRITE_VECTORS set the test writes the fuzz corpus.
void StateRootTest::vector()
{
    const Group group(2, kScheme);
    Replica ann(group, 0);
    Replica ben(group, 1);
    Changes changes;
    changes.push_back(ann.setTitle(kDoc, "Shared").raw());
    changes.push_back(ann.insert(kDoc, 0, "hello").raw());
    for (const UnverifiedChange &change : changes)
        QVERIFY(ben.receive(change).has_value());
    changes.push_back(ben.insert(kDoc, 5, "!").raw());
    changes.push_back(ann.erase(kDoc, 1, 2).raw());
    QVERIFY(ann.receive(changes[2]).has_value());
    std::map<std::string, std::string> made;
    const Decided decided = decidedOf(group, changes);
    made["state.root"] = rootOf(group, ann, decided, everything).hex();
    made["decided.form"] = toHex(encodeDecided(decided[2]));
    if (qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
        writeCorpus(qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString()
                    + "/tests/fuzz/corpus/checkpoint");
    std::ifstream file(qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString()
                       + "/tests/vectors/checkpoint.txt");
    std::map<std::string, std::string> written;
    for (std::string line; std::getline(file, line);)
        if (const auto space = line.find(' '); line.front() != '#' && space != std::string::npos)
            written[line.substr(0, space)] = line.substr(space + 1);
    for (const auto &[name, hex] : made)
        if (written[name] != hex)
            qInfo("%s %s", name.c_str(), hex.c_str());
    for (const auto &[name, hex] : made)
        QCOMPARE(written[name], hex);
}

QTEST_GUILESS_MAIN(StateRootTest)
#include "state_root_test.moc"
