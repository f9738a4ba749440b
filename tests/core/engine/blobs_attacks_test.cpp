#include "core/base/blob_limits.h"
#include "tests/core/engine/blobs_room.h"
#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::testing;
using Room = BlobsRoom;
using State = api::AttachmentInfo::State;
using gossip::Kind;
using Share = gossip::BlobsHeld::Held::Share;

namespace {

engine::FrameIn frameFrom(PeerId peer, const gossip::Message &message)
{
    return {peer, static_cast<std::uint8_t>(gossip::kindOf(message)), gossip::encode(message)};
}

/// Says of everything that it has all of it, and never has a piece.
SmallGroup::Filter boasting(std::size_t liar)
{
    return [liar](std::size_t from, std::size_t, std::uint8_t kind, Bytes &body) {
        if (from != liar || (!isKind(kind, Kind::BlobsHeld) && !isKind(kind, Kind::BlobPiece)))
            return true;
        auto message = gossip::decode(kind, body).value();
        if (auto *held = std::get_if<gossip::BlobsHeld>(&message)) {
            for (auto &blob : held->blobs)
                blob = {blob.root, Share::All, {}};
        } else {
            std::get<gossip::BlobPiece>(message).proved.clear();
        }
        body = gossip::encode(message);
        return true;
    };
}

} // namespace

/// What a member can try with attachments, apart from wrong pieces (blobs_test): honest files
/// arrive, nothing of the attacker's is kept, memory and disk stay bounded.
class BlobsAttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void piecesThatNobodyAskedFor();
    void askedPiecesPassBesideTheBudget();
    void whoBoastsIsNotBelievedForLong();
    void aLiarIsNotBelievedInTheNextSession();
    void questionsForNothing();
    void rootsThatNobodyNames();
    void manyNamesLeaveRoomForOthers();
    void aFileOfAnotherSizeIsNoneOfOurs();
    void whatIsNamedBeforeTheDiskIsKnown();
    void whoComesLaterGetsWhatWasNamedBefore_data();
    void whoComesLaterGetsWhatWasNamedBefore();
};

void BlobsAttacksTest::piecesThatNobodyAskedFor()
{
    Room room(2);
    const Bytes content = randomBytes(5 * kPiece, 30);
    const auto ref = room.attach(0, content);
    QVERIFY(room.runUntil(Millis(5000), [&] { return room.has(1, ref, content); }));
    const PeerId attacker = room.group.sessionWith(1, 0);
    const std::uint64_t before = room.group.at(1).attachmentBytesFetched();
    Hash other;
    other.value.fill(std::byte{9});
    std::uint64_t sent = 0;
    for (std::uint32_t i = 0; i < 2000; ++i, sent += kPiece)
        room.group.step(
            1,
            frameFrom(attacker,
                      gossip::BlobPiece{i % 2 == 0 ? ref.root() : other, i % 5, Bytes(kPiece)}));
    QVERIFY(room.refusals(1, Code::E_RATE) > 0); // its budget ended
    QVERIFY(room.group.at(1).attachmentBytesFetched() - before < sent / 2);
    QCOMPARE(room.group.blobs(1).count(), 1U);
    QVERIFY(room.has(1, ref, content));
    QVERIFY(room.group.cuts(1).empty()); // too much is delayed, never judged
}

void BlobsAttacksTest::askedPiecesPassBesideTheBudget()
{
    Room room(2);
    const Bytes content = randomBytes(kLarge, 31);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    room.want(1, ref);
    const PeerId friendly = room.group.sessionWith(1, 0);
    // Its budget is used up all the time by what it says beside.
    Hash other;
    other.value.fill(std::byte{9});
    bool isDone = false;
    for (int turn = 0; turn < 600 && !isDone; ++turn) {
        for (int i = 0; i < 60; ++i)
            room.group.step(1, frameFrom(friendly, gossip::BlobPiece{other, 1, Bytes(kPiece)}));
        room.group.run(Millis(40));
        isDone = room.has(1, ref, content);
    }
    QVERIFY(room.refusals(1, Code::E_RATE) > 0);
    QVERIFY(isDone);
    QCOMPARE(room.piecesTo(1), std::size_t(blobs::Shape(content.size()).pieces())); // each once
}

void BlobsAttacksTest::whoBoastsIsNotBelievedForLong()
{
    Room room(4);
    const Bytes content = randomBytes(kLarge, 32);
    room.filter = boasting(1);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(1000));
    room.want(2, ref);
    // And says so again and again.
    const PeerId boaster = room.group.sessionWith(2, 1);
    for (int turn = 0; turn < 200 && !room.has(2, ref, content); ++turn) {
        room.group.step(2, frameFrom(boaster, gossip::BlobsHeld{{{ref.root(), Share::All, {}}}}));
        room.group.run(Millis(100));
    }
    QVERIFY(room.has(2, ref, content));
    QVERIFY2((room.pulls[{2, 1}]) <= 5, qPrintable(QString::number(room.pulls[{2, 1}])));
    room.group.cut(0, 3);
    room.group.cut(2, 3);
    room.want(3, ref); // nobody but the boaster
    room.group.run(Millis(60'000));
    QCOMPARE(room.group.blobs(3).piecesOf(ref.root()), 0U);
    QVERIFY2((room.pulls[{3, 1}]) <= 20, qPrintable(QString::number(room.pulls[{3, 1}])));
}

/// Coming back does not make it trusted: a bad disk is looked at again after ten minutes.
void BlobsAttacksTest::aLiarIsNotBelievedInTheNextSession()
{
    Room room(2);
    room.filter = lying(0);
    const Bytes content = randomBytes(40 * kPiece, 33);
    const auto ref = room.attach(0, content);
    room.group.run(Millis(3000));
    const std::uint64_t lies = room.refusals(1, Code::E_BLOB_PIECE);
    QVERIFY(lies > 0);
    for (int turn = 0; turn < 20; ++turn) {
        room.group.cut(0, 1);
        room.group.run(Millis(500));
        room.group.join(0, 1);
        room.group.run(Millis(2000));
    }
    QCOMPARE(room.refusals(1, Code::E_BLOB_PIECE), lies);
    QVERIFY(room.group.at(1).evidence().empty()); // it proves nothing
    room.filter = nullptr;                        // its disk was mended
    QVERIFY(room.runUntil(Millis(700'000), [&] { return room.has(1, ref, content); }));
}

/// Of what is not here one is told so, but no more often than answers may go.
void BlobsAttacksTest::questionsForNothing()
{
    Room room(2);
    const PeerId asker = room.group.sessionWith(0, 1);
    gossip::PullPieces pull{Hash{}, {}};
    for (std::uint32_t piece = 0; piece < limits::kBlobWantedMax; ++piece)
        pull.pieces.push_back(piece);
    std::size_t answers = 0;
    for (int turn = 0; turn < 2000; ++turn)
        for (const engine::Action &action :
             room.group.at(0).step(frameFrom(asker, pull), room.group.now()))
            if (const auto *send = std::get_if<engine::Send>(&action))
                answers += isKind(send->kind, Kind::BlobPiece) ? 1 : 0;
    QVERIFY(answers > 0);
    QVERIFY2(answers * limits::kBlobNoBytes <= 2 * limits::kBlobAnswerBytesBurst,
             qPrintable(QString::number(answers)));
}

void BlobsAttacksTest::rootsThatNobodyNames()
{
    Room room(2);
    const PeerId attacker = room.group.sessionWith(0, 1);
    const std::size_t before = room.group.blobs(0).count();
    SeededRandom random(34);
    for (int turn = 0; turn < 200; ++turn) {
        gossip::BlobsHeld held;
        gossip::AskBlobs ask;
        for (int i = 0; i < 200; ++i) {
            Hash root;
            random.fill(root.value);
            held.blobs.push_back({root, Share::Some, Bytes(100, std::byte{255})});
            ask.roots.push_back(root);
        }
        room.group.step(0, frameFrom(attacker, held));
        room.group.step(0, frameFrom(attacker, ask));
        room.group.run(Millis(100));
    }
    QCOMPARE(room.group.blobs(0).count(), before);
    QVERIFY(room.group.at(0).attachments().empty());
    QCOMPARE((room.pulls[{0, 1}]), 0U);
    const Bytes content = randomBytes(3 * kPiece, 35);
    const auto ref = room.attach(1, content);
    QVERIFY(room.runUntil(Millis(10'000), [&] { return room.has(0, ref, content); }));
}

/// One member names more than is looked after at all; what another attached is fetched all the
/// same.
void BlobsAttacksTest::manyNamesLeaveRoomForOthers()
{
    Room room(3);
    constexpr std::size_t kDocuments = 12;
    for (std::size_t doc = 0; doc < kDocuments; ++doc)
        room.group.submit(1, api::CreateDocument{doc + 2, "Many " + std::to_string(doc), ""});
    room.group.run(Millis(3000));
    for (std::uint64_t i = 0; i < limits::kBlobsMax + 50; ++i) {
        blobs::BlobRef ref;
        SeededRandom(i + 1).fill(ref.top.value);
        ref.size = limits::kBlobBytesMax;
        ref.mediaType = "a/b";
        ref.name = "promise " + std::to_string(i);
        const auto doc =
            room.group.at(1).findDocument("Many " + std::to_string(i % kDocuments)).value();
        room.group.step(1, engine::BlobSealed{doc, ref});
    }
    room.group.run(Millis(3000));
    QCOMPARE(room.group.at(2).attachments().size(), limits::kBlobsMax);
    room.group.submit(0, api::CreateDocument{99, "Late", ""}); // after all others by number
    room.group.run(Millis(2000));
    const Bytes content = randomBytes(3 * kPiece, 36);
    const auto ref =
        room.group.attach(0, room.group.at(0).findDocument("Late").value(), content, "mine.pdf");
    QVERIFY(room.runUntil(Millis(20'000), [&] { return room.has(2, ref, content); }));
    QCOMPARE(room.group.at(2).attachments().size(), limits::kBlobsMax);
}

/// What lies on this disk under the name of a blob, and says that it has another size.
void BlobsAttacksTest::aFileOfAnotherSizeIsNoneOfOurs()
{
    Room room(2);
    const Bytes content = randomBytes(3 * kPiece, 37);
    const auto ref = room.attach(0, content);
    QVERIFY(room.runUntil(Millis(5000), [&] { return room.has(1, ref, content); }));
    room.group.blobs(1).restate(ref.root(), 900 * kPiece);
    room.group.restart(1);
    const auto isHere = [&] {
        const auto info = room.infoAt(1, ref);
        return info && info->state == State::Here && room.has(1, ref, content);
    };
    QVERIFY(room.runUntil(Millis(10'000), isHere));
    QCOMPARE(room.refusals(1, Code::E_BLOB_PIECE), 0U); // nobody else is blamed for it
}

/// The texts are known at a start before the disk was looked through.
void BlobsAttacksTest::whatIsNamedBeforeTheDiskIsKnown()
{
    Room room(2);
    room.group.cut(0, 1);
    const Bytes content = randomBytes(3 * kPiece, 38);
    const auto ref = room.attach(0, content);
    room.group.join(0, 1);
    QVERIFY(room.runUntil(Millis(5000), [&] { return room.has(1, ref, content); }));
    room.group.blobs(1).loseAll(); // before it was noted there that it is wanted
    room.group.restart(1);
    QVERIFY(room.runUntil(Millis(10'000), [&] { return room.has(1, ref, content); }));
}

void BlobsAttacksTest::whoComesLaterGetsWhatWasNamedBefore_data()
{
    QTest::addColumn<bool>("isCheckpointed");
    QTest::newRow("by the chain of keys") << false;
    QTest::newRow("out of a checkpoint") << true;
}

void BlobsAttacksTest::whoComesLaterGetsWhatWasNamedBefore()
{
    QFETCH(bool, isCheckpointed);
    CheckpointRoom room(4);
    room.group.giveBlobDisks();
    const Bytes content = randomBytes(3 * kPiece + 11, 39);
    const auto ref = room.group.attach(0, room.doc, content, "before.pdf");
    room.group.run(Millis(3000));
    room.agree(0, CheckpointRoom::wishFor(api::Wish::Kind::NewKey), {1, 2, 3});
    QVERIFY(room.now(0).keyEpoch > KeyEpoch(0));
    if (isCheckpointed)
        room.takeCheckpoint();
    const std::size_t eve = room.invite();
    room.agree(1, room.group.admission(eve), {0, 2, 3});
    room.meet(eve);
    room.group.run(Millis(20'000));
    const auto infos = room.group.at(eve).attachments();
    QCOMPARE(infos.size(), 1U);
    QCOMPARE(infos.front().name, std::string("before.pdf"));
    QVERIFY(infos.front().state == State::Here);
    QVERIFY(room.group.blobs(eve).content(ref) == content);
    QCOMPARE(infos.front().holders.size(), 4U);
}

QTEST_GUILESS_MAIN(BlobsAttacksTest)
#include "blobs_attacks_test.moc"
