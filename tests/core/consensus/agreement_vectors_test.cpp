#include "tests/core/consensus/table.h"

#include <QTest>

#include <filesystem>
#include <fstream>
#include <map>

using namespace nlbd;
using namespace nlbd::consensus;
using test::Table;
using test::valueOf;

namespace {

std::filesystem::path sourceFolder()
{
    return qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString();
}

std::filesystem::path vectorsFile()
{
    return sourceFolder() / "tests/vectors/agreement.txt";
}

/// One record of each kind by "target.name", the same on every machine.
std::map<std::string, Bytes> sampleRecords()
{
    const Table table(4);
    const auto vote = [&](Phase phase, std::uint32_t round, std::uint16_t seat, char letter) {
        return table.vote(phase, round, SeatIndex(seat), valueOf(letter));
    };
    Polka polka{table.configuration.epoch, Round(2), valueOf('a'), {}};
    Certificate certificate{table.configuration.epoch, Round(2), valueOf('a'), {}};
    for (std::uint16_t seat = 0; seat < 3; ++seat) {
        const Vote prevote = table.vote(Phase::Prevote, 2, SeatIndex(seat), valueOf('a'),
                                        seat == 1 ? std::optional(1U) : std::nullopt);
        polka.lines.push_back({prevote.seat, prevote.polka, prevote.signature});
        certificate.lines.push_back(
            {SeatIndex(seat), vote(Phase::Precommit, 2, seat, 'a').signature});
    }
    const SeatState state{Round(3), Step::Prevote, nullptr, std::make_shared<const Polka>(polka)};
    const auto doubleVote =
        contradiction(vote(Phase::Prevote, 1, 0, 'a'), vote(Phase::Prevote, 1, 0, 'b'));
    const auto amnesia =
        contradiction(vote(Phase::Precommit, 1, 0, 'a'), vote(Phase::Prevote, 2, 0, 'b'));
    return {
        {"vote.propose", table.vote(Phase::Propose, 3, SeatIndex(1), valueOf('a'), 2).encode()},
        {"vote.prevote", vote(Phase::Prevote, 1, 2, 'a').encode()},
        {"vote.nil", table.vote(Phase::Prevote, 1, SeatIndex(2), std::nullopt).encode()},
        {"vote.precommit", vote(Phase::Precommit, 2, 3, 'a').encode()},
        {"vote.seat-state", state.encode()},
        {"certificate.decision", certificate.encode()},
        {"certificate.polka", polka.encode()},
        {"vote_evidence.double-vote", doubleVote->encode()},
        {"vote_evidence.amnesia", amnesia->encode()},
    };
}

void writeBytes(const std::filesystem::path &path, ByteView bytes)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << viewOf(bytes);
}

} // namespace

/// The formats as a file: no change of code may change them unseen. With NLBD_WRITE_VECTORS set
/// the test writes it and the fuzz corpora instead.
class AgreementVectorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
            return;
        std::ofstream file(vectorsFile());
        file << "# One record of the agreement of every kind: name, hex. ROUNDTABLE.md in "
                "core/consensus draws\n"
                "# them byte by byte. Signatures are the simulator's. Written by "
                "agreement_vectors_test.\n";
        for (const auto &[name, bytes] : sampleRecords()) {
            file << name << ' ' << toHex(bytes) << '\n';
            const std::string target = name.substr(0, name.find('.'));
            const std::filesystem::path folder = sourceFolder() / "tests/fuzz/corpus" / target;
            writeBytes(folder / name, bytes);
            writeBytes(folder / (name + ".cut"), ByteView(bytes).first(bytes.size() / 2));
        }
    }

    void matchTheFile()
    {
        std::map<std::string, std::string> vectors;
        std::ifstream file(vectorsFile());
        for (std::string line; std::getline(file, line);)
            if (const std::size_t space = line.find(' '); !line.empty() && line[0] != '#')
                vectors.emplace(line.substr(0, space), line.substr(space + 1));
        const auto records = sampleRecords();
        QCOMPARE(vectors.size(), records.size());
        for (const auto &[name, bytes] : records)
            QCOMPARE(vectors[name], toHex(bytes));
    }
};

QTEST_APPLESS_MAIN(AgreementVectorsTest)
#include "agreement_vectors_test.moc"
