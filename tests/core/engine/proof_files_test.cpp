#include "core/base/codec.h"
#include "tests/core/engine/hostile_seat.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace nlbd;
using namespace nlbd::consensus;
using namespace nlbd::testing;
using Result = trust::CheckedEvidence::Result;

namespace {

const identity::Ed25519 kScheme;

std::filesystem::path sourceFolder()
{
    return qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString();
}

/// Name and bytes of every kind of proof, and of files: one of the first epoch, one of the second.
std::map<std::string, Bytes> madeHere()
{
    std::map<std::string, Bytes> records;
    HostileSeat s;
    const auto note = [&records](const std::string &name, const Proof &proof) {
        records["proof." + name] = proof.encode();
    };
    const auto prevote = [&](std::uint8_t value) {
        return s.vote(Phase::Prevote, 1, named(value));
    };
    note("double-vote", {*contradiction(prevote(1), prevote(2))});
    note("amnesia", {*contradiction(s.vote(Phase::Precommit, 0, named(3)), prevote(1))});
    note("two-reports", {*contradiction(s.close(1), s.close(2))});
    const trust::Frontier entry{{DeviceIndex(0), Seq(1), named(5)}};
    const trust::Ack ack = trust::signAck(s.scheme, s.group.device(kMalory), s.configuration(),
                                          SeatIndex(kMalory), 4, trust::rootOf(entry));
    note("report-and-ack", {*contradiction(s.close(3), {ack, entry})});
    s.tell(0, gossip::EvidenceMessage{records["proof.amnesia"]});
    records["evidence-file.first"] = s.group.at(0).evidence()[0].file;
    s.decideNewKey();
    note("two-decisions", {conflictOf(s.lastDecision(), s.rival(s.lastDecision(), 5, 3))});
    const Proof later{*contradiction(s.close(1), s.close(2))};
    s.tell(0, gossip::EvidenceMessage{later.encode()});
    for (const api::EvidenceInfo &info : s.group.at(0).evidence())
        if (info.code == Code::EV_DOUBLE_CLOSE)
            records["evidence-file.second"] = info.file;
    return records;
}

std::map<std::string, Bytes> readVectors()
{
    std::map<std::string, Bytes> result;
    std::ifstream file(sourceFolder() / "tests/vectors/proofs.txt");
    for (std::string line; std::getline(file, line);) {
        const std::size_t space = line.find(' ');
        if (!line.empty() && line[0] != '#' && space != std::string::npos)
            result[line.substr(0, space)] = fromHex(line.substr(space + 1)).value_or(Bytes{});
    }
    return result;
}

bool holds(ByteView file)
{
    const auto read = checkEvidenceFile(file, kScheme);
    return read && read->checked.result == Result::Holds;
}

std::string faultOf(ByteView file)
{
    const auto read = checkEvidenceFile(file, kScheme);
    return read ? "none" : read.error().sentence;
}

/// The parts of a file, to put them together otherwise.
struct Parts {
    explicit Parts(ByteView file)
    {
        Reader in(file);
        static_cast<void>(in.raw(15));
        genesis = *identity::SignedGenesis::decode(in.blob(1 << 20));
        for (std::uint64_t left = in.varint(); left > 0; --left)
            decisions.push_back(copyOf(in.blob(1 << 20)));
        proof = *Proof::decode(in.blob(1 << 20));
    }
    [[nodiscard]] Bytes file() const { return encodeEvidenceFile(genesis, decisions, proof); }

    identity::SignedGenesis genesis;
    std::vector<Bytes> decisions;
    Proof proof;
};

} // namespace

/// What people save and hand on. With NLBD_WRITE_VECTORS set the test writes the vectors and the
/// fuzz corpus of `proof`.
class ProofFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void vectorsAreReadAndHold();
    void everyAlteredBitIsSeen();
    void everyCutIsSeen();
    void faultsAreSaid();
    void honestRecordsContradictNothing();
};

void ProofFilesTest::initTestCase()
{
    if (!qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
        return;
    std::ofstream file(sourceFolder() / "tests/vectors/proofs.txt");
    file << "# Proofs of the kinds 4 to 8 and evidence files, in hexadecimal; core/consensus has "
            "them\n"
            "# byte by byte in RECORDS.md. Written by proof_files_test.\n";
    const std::filesystem::path corpus = sourceFolder() / "tests/fuzz/corpus/proof";
    std::filesystem::create_directories(corpus);
    for (const auto &[name, bytes] : madeHere()) {
        file << name << ' ' << toHex(bytes) << '\n';
        std::ofstream(corpus / name, std::ios::binary) << viewOf(bytes);
        std::ofstream(corpus / (name + ".cut"), std::ios::binary)
            << viewOf(ByteView(bytes).first(bytes.size() / 2));
    }
}

void ProofFilesTest::vectorsAreReadAndHold()
{
    const auto vectors = readVectors();
    QCOMPARE(vectors.size(), madeHere().size());
    for (const auto &[name, bytes] : vectors) {
        if (name.starts_with("evidence-file")) {
            QVERIFY2(holds(bytes), name.c_str());
            QCOMPARE(Parts(bytes).file(), bytes);
            continue;
        }
        const auto proof = Proof::decode(bytes);
        QVERIFY2(proof && proof->encode() == bytes, name.c_str());
    }
    QCOMPARE(Parts(vectors.at("evidence-file.first")).decisions.size(), std::size_t(0));
    QCOMPARE(Parts(vectors.at("evidence-file.second")).decisions.size(), std::size_t(1));
}

void ProofFilesTest::everyAlteredBitIsSeen()
{
    for (const char *name : {"evidence-file.first", "evidence-file.second"}) {
        const Bytes good = readVectors().at(name);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes altered = good;
            altered[i] ^= std::byte(1U << (i % 8));
            QVERIFY2(!holds(altered), std::to_string(i).c_str());
        }
    }
}

void ProofFilesTest::everyCutIsSeen()
{
    Bytes file = readVectors().at("evidence-file.second");
    for (std::size_t size = 0; size < file.size(); ++size)
        QVERIFY(faultOf(ByteView(file).first(size)) != "none");
    file.push_back(std::byte{0});
    QVERIFY(faultOf(file).find("behind its end") != std::string::npos);
}

void ProofFilesTest::faultsAreSaid()
{
    const auto has = [](const std::string &sentence, const char *words) {
        return sentence.find(words) != std::string::npos;
    };
    const auto vectors = readVectors();
    QVERIFY(has(faultOf(bytesOf("no evidence at all")), "no evidence file"));
    QVERIFY(has(faultOf(bytesOf("nlbd-evidence1\nnonsense")), "a form that this version"));

    Parts unsigned_(vectors.at("evidence-file.first"));
    unsigned_.genesis.signatures[0].value[3] ^= std::byte{1};
    QVERIFY(has(faultOf(unsigned_.file()), "not signed by all its founders"));

    Parts lone(vectors.at("evidence-file.second"));
    Decision decision = *Decision::decode(lone.decisions[0]);
    auto certificate = *Certificate::decode(decision.certificate);
    certificate.lines.pop_back();
    while (certificate.lines.size() > 2)
        certificate.lines.pop_back();
    decision.certificate = certificate.encode();
    lone.decisions[0] = decision.encode();
    QVERIFY(has(faultOf(lone.file()), "not signed by a quorum"));

    Parts without(vectors.at("evidence-file.second"));
    without.decisions.clear();
    QVERIFY(has(faultOf(without.file()), "does not lead to epoch 1"));
    Parts twice(vectors.at("evidence-file.second"));
    twice.decisions.push_back(twice.decisions[0]);
    QVERIFY(has(faultOf(twice.file()), "does not follow"));

    // Another group's proof says nothing here: its signatures are for another workspace.
    Parts mixed(vectors.at("evidence-file.second"));
    const HostileSeat other(2);
    mixed.genesis = other.group.genesis();
    mixed.decisions.clear();
    mixed.proof = Parts(vectors.at("evidence-file.first")).proof;
    const auto read = checkEvidenceFile(mixed.file(), kScheme);
    QVERIFY(read && read->checked.result == Result::DoesNotHold);
}

/// What an honest seat signs in one epoch: acks that grow, then a report that repeats the last one.
void ProofFilesTest::honestRecordsContradictNothing()
{
    HostileSeat s;
    const auto at = [](std::uint64_t seq, std::uint8_t name) {
        return trust::Frontier{{DeviceIndex(0), Seq(seq), named(name)}};
    };
    const auto ack = [&](std::uint64_t no, const trust::Frontier &frontier) {
        return ShownAck{trust::signAck(s.scheme, s.group.device(kMalory), s.configuration(),
                                       SeatIndex(kMalory), no, trust::rootOf(frontier)),
                        frontier};
    };
    const Close close = s.close(2, at(2, 2));
    QVERIFY(!contradiction(close, ack(1, at(1, 1))));
    QVERIFY(!contradiction(close, ack(2, at(2, 2))));
    QVERIFY(!contradiction(close, close));
    QVERIFY(contradiction(close, ack(3, at(3, 3)))); // after the last
    QVERIFY(contradiction(close, ack(2, at(2, 3)))); // not the one that the report repeats
    QVERIFY(contradiction(close, ack(1, at(3, 3)))); // taken back
    ShownAck lie = ack(3, at(3, 3));
    lie.frontier = at(4, 4); // not what was signed
    QVERIFY(!contradiction(close, lie));
    Close others = s.close(3, at(3, 3));
    others.seat = SeatIndex(1);
    QVERIFY(!contradiction(close, others));
    others.seat = close.seat;
    others.epoch = Epoch(7);
    QVERIFY(!contradiction(close, others));
}

QTEST_GUILESS_MAIN(ProofFilesTest)
#include "proof_files_test.moc"
