#include "core/base/random.h"
#include "core/blobs/piece_set.h"
#include "core/blobs/piece_tree.h"

#include <QTest>

using namespace nlbd;
using blobs::PieceSet;
using blobs::PieceTree;
using blobs::Shape;

namespace {

constexpr std::uint64_t kPiece = limits::kBlobPieceBytes;

struct Whole {
    explicit Whole(std::uint64_t size)
        : shape(size)
    {
        SeededRandom random(size + 1);
        std::vector<Hash> leaves;
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
            sealed.emplace_back(shape.sealedBytes(piece));
            random.fill(sealed.back());
            leaves.push_back(blobs::leafOf(piece, sealed.back()));
        }
        const PieceTree tree(shape, std::move(leaves));
        root = blobs::rootOf(size, tree.top());
        for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
            proved.push_back(tree.branch(piece));
            proved.back().insert(proved.back().end(), sealed[piece].begin(), sealed[piece].end());
        }
    }
    Shape shape;
    Hash root;
    std::vector<Bytes> sealed;
    std::vector<Bytes> proved;
};

} // namespace

class PieceTreeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPieceProvesItself_data()
    {
        QTest::addColumn<quint64>("size");
        for (const quint64 size :
             {quint64(0), quint64(1), quint64(kPiece - 1), quint64(kPiece), quint64(kPiece + 1),
              quint64(2 * kPiece), quint64(3 * kPiece), quint64(5 * kPiece + 9),
              quint64(8 * kPiece), quint64(13 * kPiece)})
            QTest::addRow("%llu", static_cast<unsigned long long>(size)) << size;
    }
    void everyPieceProvesItself()
    {
        QFETCH(quint64, size);
        const Whole whole(size);
        std::uint64_t sum = 0;
        for (std::uint32_t piece = 0; piece < whole.shape.pieces(); ++piece) {
            sum += whole.shape.plainBytes(piece);
            const Bytes &proved = whole.proved[piece];
            QCOMPARE(proved.size(), whole.shape.provedBytes(piece));
            QVERIFY(proved.size() <= whole.shape.provedBytesMax());
            const ByteView sealed = blobs::openProved(whole.root, whole.shape, piece, proved);
            QVERIFY(std::ranges::equal(sealed, whole.sealed[piece]));
            // Nowhere else, and of no other blob.
            QVERIFY(blobs::openProved(whole.root, whole.shape, piece + 1, proved).empty());
            QVERIFY(blobs::openProved(Hash{}, whole.shape, piece, proved).empty());
            QVERIFY(blobs::openProved(whole.root, Shape(size + 1), piece, proved).empty());
        }
        QCOMPARE(sum, size);
    }
    void noBitOfItIsAnother()
    {
        const Whole whole(3 * kPiece + 5);
        for (std::uint32_t piece = 0; piece < whole.shape.pieces(); ++piece) {
            Bytes proved = whole.proved[piece];
            for (std::size_t bit = 0; bit < 8 * whole.shape.branchBytes(piece); ++bit) {
                proved[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
                QVERIFY(blobs::openProved(whole.root, whole.shape, piece, proved).empty());
                proved[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
            }
            proved.back() ^= std::byte{1};
            QVERIFY(blobs::openProved(whole.root, whole.shape, piece, proved).empty());
            proved.back() ^= std::byte{1};
            QVERIFY(!blobs::openProved(whole.root, whole.shape, piece, proved).empty());
            proved.push_back(std::byte{0});
            QVERIFY(blobs::openProved(whole.root, whole.shape, piece, proved).empty());
            QVERIFY(blobs::openProved(whole.root, whole.shape, piece, {}).empty());
        }
    }
    void aNodeIsNoPiece()
    {
        // Two leaves as one piece: the domains differ (second preimage of a Merkle tree).
        const Whole whole(2 * kPiece);
        Bytes both(whole.proved[1].begin(), whole.proved[1].begin() + Hash::kSize);
        const Bytes other(whole.proved[0].begin(), whole.proved[0].begin() + Hash::kSize);
        both.insert(both.end(), other.begin(), other.end());
        QVERIFY(
            blobs::openProved(whole.root, Shape(both.size() - blobs::kSealBytes), 0, both).empty());
    }
    void theLargest()
    {
        const Shape shape(limits::kBlobBytesMax);
        QCOMPARE(shape.pieces(), limits::kBlobPiecesMax);
        QCOMPARE(shape.branchBytes(0), 15 * Hash::kSize);
    }
    void setsAreBits()
    {
        PieceSet set(20);
        QVERIFY(set.encode().empty());
        for (const std::uint32_t piece : {0U, 9U, 19U})
            set.set(piece);
        set.set(9);
        QCOMPARE(set.count(), 3U);
        QCOMPARE(set.encode(), (Bytes{std::byte{1}, std::byte{2}, std::byte{8}}));
        QVERIFY(PieceSet::from(20, set.encode()) == set);
        set.clear(19);
        QCOMPARE(set.encode().size(), 2U);
        QVERIFY(!set.has(19) && !set.has(1000));
        // Bits beyond the pieces, and bytes.
        QCOMPARE(PieceSet::from(3, Bytes(9, std::byte{0xFF})).count(), 3U);
        QVERIFY(PieceSet::from(3, Bytes(9, std::byte{0xFF})).isFull());
        QVERIFY(PieceSet(3, true).isFull());
    }
};

QTEST_GUILESS_MAIN(PieceTreeTest)
#include "piece_tree_test.moc"
