#include "core/base/codec.h"
#include "core/consensus/configuration_codec.h"
#include "core/consensus/short_close.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace nlbd;
using namespace nlbd::consensus;
using nlbd::test::Assembly;
using nlbd::test::frontierAt;
using nlbd::test::headAt;
using nlbd::test::Seat;

namespace {

const identity::Ed25519 kScheme;

std::filesystem::path sourceFolder()
{
    return qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString();
}

std::filesystem::path vectorsFile()
{
    return sourceFolder() / "tests/vectors/decisions.txt";
}

void addProposals(Assembly &assembly, std::map<std::string, Bytes> &records)
{
    const std::pair<const char *, Proposal> proposals[] = {
        {"admit", assembly.ask(0, assembly.newcomer("Nia", identity::Role::Reader))},
        {"role", assembly.ask(0, ChangeRole{MemberIndex(2), identity::Role::Reader})},
        {"policy", assembly.ask(1, SetPolicy{{.text = "Be kind.", .newcomersReadPast = false}})},
        {"seat", assembly.askByIdentity(1, assembly.newSeat(MemberIndex(1)))},
        {"dormant", assembly.ask(2, MakeDormant{MemberIndex(3)})},
        {"wake", assembly.ask(2, Wake{})},
        {"leave", assembly.ask(3, Leave{})},
        {"remove", assembly.ask(3, RemoveMember{MemberIndex(0)})},
        {"remove-device", assembly.askByIdentity(0, RemoveDevice{DeviceIndex(0)})},
        {"fence", assembly.ask(0, assembly.fenceOf(3))},
        {"checkpoint", assembly.ask(1, TakeCheckpoint{})},
        {"rekey", assembly.ask(1, Rekey{})}};
    for (const auto &[name, proposal] : proposals)
        records.emplace(std::string("proposal.") + name, proposal.encode());
}

/// One valid record of every format of core/consensus, the same on every machine.
std::map<std::string, Bytes> sampleRecords()
{
    Assembly assembly(4, 7, &kScheme);
    std::map<std::string, Bytes> records;
    addProposals(assembly, records);

    Seat seat(assembly, 0);
    const Proposal removal = assembly.ask(0, RemoveMember{MemberIndex(3)});
    const Proposal checkpoint = assembly.ask(1, TakeCheckpoint{});
    for (const Proposal &proposal : {removal, checkpoint}) {
        seat.take(proposal);
        seat.approve(proposal, 3);
    }
    records.emplace("approval.yes", assembly.answer(0, removal).encode());
    records.emplace("approval.no", assembly.answer(1, removal, Answer::No, 2).encode());
    for (std::size_t each = 0; each < 3; ++each)
        seat.take(assembly.close(each, frontierAt({headAt(0, 5 + each), headAt(1, 4)})));
    const Close *report = seat.closes.undisputed().back();
    records.emplace("close.two", report->encode());
    const trust::Frontier known = frontierAt({headAt(1, 4)});
    records.emplace("shortclose.bare", shortened(*report, report->frontier).encode());
    records.emplace("shortclose.one", shortened(*report, known).encode());
    const OfferedKey offer = test::offerOf(assembly, 1, seat.build().change.next);
    seat.take(offer);
    records.emplace("offer.three", offer.encode());
    const Value value = *seat.build().value;
    records.emplace("value.removal", value.encode());
    const Decision decision = seat.decision(value);
    records.emplace("decision.removal", decision.encode());
    DecisionLog log(assembly.configuration, kScheme, assembly.certificateCheck());
    if (!log.append(decision))
        qFatal("the sample does not decide");
    records.emplace("configuration.next", encodeConfiguration(log.now()));
    Decision other = decision;
    other.value.stateRoot = Hash{};
    other.certificate = assembly.certificate(other.value.hash(), 3);
    records.emplace("conflict.two", conflictOf(decision, other).encode());
    const Proposal why = assembly.ask(3, RemoveMember{MemberIndex(0), "Two answers, one seat"});
    records.emplace("proposal.remove-why", why.encode());
    return records;
}

std::map<std::string, Bytes> readVectors()
{
    std::map<std::string, Bytes> result;
    std::ifstream file(vectorsFile());
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        if (line.empty() || line[0] == '#' || space == std::string::npos)
            continue;
        result.emplace(line.substr(0, space), fromHex(line.substr(space + 1)).value_or(Bytes{}));
    }
    return result;
}

void writeBytes(const std::filesystem::path &path, ByteView bytes)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << viewOf(bytes);
}

std::string kindOf(const std::string &name)
{
    return name.substr(0, name.find('.'));
}

/// Each record goes to the corpus of its fuzz target whole and cut in half.
void writeCorpus(const std::string &name, const Bytes &bytes)
{
    const std::string kind = kindOf(name);
    const std::string target = kind == "offer"          ? "value"
        : kind == "shortclose"                          ? "close"
        : kind == "conflict" || kind == "configuration" ? "decision"
                                                        : kind;
    const std::filesystem::path folder = sourceFolder() / "tests/fuzz/corpus" / target;
    writeBytes(folder / name, bytes);
    writeBytes(folder / (name + ".cut"), ByteView(bytes).first(bytes.size() / 2));
}

template <typename Record>
std::optional<Bytes> again(ByteView bytes)
{
    const auto decoded = Record::decode(bytes);
    return decoded ? std::optional(decoded->encode()) : std::nullopt;
}

std::optional<Bytes> again(const std::string &kind, ByteView bytes)
{
    if (kind == "proposal")
        return again<Proposal>(bytes);
    if (kind == "approval")
        return again<Approval>(bytes);
    if (kind == "close")
        return again<Close>(bytes);
    if (kind == "shortclose")
        return again<ShortClose>(bytes);
    if (kind == "offer")
        return again<OfferedKey>(bytes);
    if (kind == "value")
        return again<Value>(bytes);
    if (kind == "decision")
        return again<Decision>(bytes);
    if (kind == "conflict")
        return again<DecisionConflict>(bytes);
    const auto configuration = decodeConfiguration(bytes, Hash{});
    return configuration ? std::optional(encodeConfiguration(*configuration)) : std::nullopt;
}

} // namespace

/// The formats as a file: other programs read it, and no change of code may change them unseen.
/// With NLBD_WRITE_VECTORS set the test writes it and the fuzz corpora instead.
class DecisionVectorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void matchTheFile();
    void readBack();
};

void DecisionVectorsTest::initTestCase()
{
    if (!qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
        return;
    std::ofstream file(vectorsFile());
    Writer proposals;
    file << "# One valid record of every format of core/consensus, in hexadecimal; RECORDS.md "
            "there\n"
            "# draws them byte by byte. Written by decision_vectors_test. The certificate inside "
            "of\n"
            "# decisions is that test's own.\n";
    for (const auto &[name, bytes] : sampleRecords()) {
        file << name << ' ' << toHex(bytes) << '\n';
        writeCorpus(name, bytes);
        if (kindOf(name) == "proposal")
            proposals.blob(bytes);
    }
    // What a decision applies together: for the target, a list of blobs.
    writeBytes(sourceFolder() / "tests/fuzz/corpus/proposal/list", proposals.bytes());
}

void DecisionVectorsTest::matchTheFile()
{
    const auto stored = readVectors();
    for (const auto &[name, bytes] : sampleRecords()) {
        const auto vector = stored.find(name);
        QVERIFY2(vector != stored.end(), name.c_str());
        QVERIFY2(vector->second == bytes, name.c_str());
    }
}

void DecisionVectorsTest::readBack()
{
    const auto stored = readVectors();
    QVERIFY(!stored.empty());
    for (const auto &[name, bytes] : stored)
        QVERIFY2(again(kindOf(name), bytes) == bytes, name.c_str());
}

QTEST_APPLESS_MAIN(DecisionVectorsTest)
#include "decision_vectors_test.moc"
