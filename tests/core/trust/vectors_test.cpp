#include "core/identity/genesis.h"
#include "core/identity/invitation.h"
#include "core/keys/sealing.h"
#include "core/trust/evidence.h"
#include "tests/core/trust/sample_records.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace nlbd;

namespace {

std::filesystem::path sourceFolder()
{
    return qEnvironmentVariable("NLBD_SOURCE_DIR").toStdString();
}

std::filesystem::path vectorsFile()
{
    return sourceFolder() / "tests/vectors/records.txt";
}

/// "name hex" per line; lines that start with # are for people.
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

/// Which fuzz target reads a format; empty if none does.
std::string targetOf(const std::string &kind)
{
    if (kind == "signed-header" || kind == "change-short")
        return "change";
    if (kind == "frontier")
        return "ack";
    return kind == "key-offer" ? std::string() : kind.substr(0, kind.find('-'));
}

/// Each record goes to its target's corpus whole and cut in half.
void writeCorpus(const std::string &name, const Bytes &bytes)
{
    const std::string target = targetOf(name.substr(0, name.find('.')));
    if (target.empty())
        return;
    const std::filesystem::path folder = sourceFolder() / "tests/fuzz/corpus" / target;
    writeBytes(folder / name, bytes);
    writeBytes(folder / (name + ".cut"), ByteView(bytes).first(bytes.size() / 2));
}

/// Decodes and encodes again; nothing if it does not decode.
std::optional<Bytes> again(const std::string &kind, ByteView bytes)
{
    const auto encoded = [](const auto &decoded) -> std::optional<Bytes> {
        if (!decoded)
            return std::nullopt;
        return decoded->encode();
    };
    if (kind == "change") {
        const auto change = history::decodeFull(bytes);
        return change ? std::optional(history::encodeFull(*change)) : std::nullopt;
    }
    if (kind == "signed-header") {
        const auto header = history::decodeSignedHeader(bytes);
        return header ? std::optional(history::encodeSignedHeader(*header)) : std::nullopt;
    }
    if (kind == "frontier") {
        const auto frontier = trust::decodeFrontier(bytes);
        return frontier ? std::optional(trust::encodeFrontier(*frontier)) : std::nullopt;
    }
    if (kind == "ack")
        return encoded(trust::Ack::decode(bytes));
    if (kind == "evidence")
        return encoded(trust::Evidence::decode(bytes));
    if (kind == "key-offer")
        return encoded(keys::KeyOffer::decode(bytes));
    return encoded(identity::decodeInvitation(bytes, identity::Ed25519{}));
}

} // namespace

/// The formats as files: other programs read them, and no change of code may change them unseen.
/// With NLBD_WRITE_VECTORS set the test writes them and the fuzz corpora instead.
class VectorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void matchTheFile();
    void readBack();
};

void VectorsTest::initTestCase()
{
    if (!qEnvironmentVariableIsSet("NLBD_WRITE_VECTORS"))
        return;
    std::ofstream file(vectorsFile());
    file << "# One record of every format: name, hex. The READMEs of core/identity, core/keys, "
            "core/history\n"
            "# and core/trust draw them byte by byte. Written by vectors_test.\n";
    for (const auto &[name, bytes] : test::sampleRecords()) {
        file << name << ' ' << toHex(bytes) << '\n';
        writeCorpus(name, bytes);
    }
}

void VectorsTest::matchTheFile()
{
    const auto vectors = readVectors();
    const auto records = test::sampleRecords();
    QCOMPARE(vectors.size(), records.size());
    for (const auto &[name, bytes] : records) {
        QVERIFY2(vectors.contains(name), name.c_str());
        QVERIFY2(vectors.at(name) == bytes, name.c_str());
    }
}

void VectorsTest::readBack()
{
    for (const auto &[name, bytes] : readVectors()) {
        const std::string kind = name.substr(0, name.find('.'));
        if (kind == "change-short") // needs its parents: delivery_property_test reads those
            continue;
        const bool isGenesis = kind == "genesis";
        const auto bare = identity::Genesis::decode(bytes);
        const auto signedOne = identity::SignedGenesis::decode(bytes);
        if (isGenesis) {
            QVERIFY(bare ? bare->encode() == bytes : signedOne && signedOne->encode() == bytes);
            continue;
        }
        QVERIFY2(again(kind, bytes) == std::optional(bytes), name.c_str());
    }
}

QTEST_APPLESS_MAIN(VectorsTest)
#include "vectors_test.moc"
