#pragma once

#include "core/engine/engine_state.h"

#include <span>

namespace nlbd::engine {

/// What void changes would have written, and how much stands on each: for people, who may want some
/// of it back. Kept up as the history grows. Of those that nothing stands on, and that are
/// forgotten therefore, my own person's words are remembered, and those of my drafts that may not
/// be signed any more: nobody's words are lost by a decision.
class Rejections {
public:
    explicit Rejections(Engine::State &state)
        : m_state(state)
    {
    }

    /// @complexity O(changes that came since the last call); nothing at all without void changes.
    [[nodiscard]] std::vector<api::RejectedInfo> list();

    /// These changes are dropped from the history now.
    void forgetting(const std::set<ChangeHandle> &dropped);

    /// Words of drafts that were kept, after the history was read.
    void load(const std::vector<store::MetaRow> &meta);

    /// Words that were written in one go, and where they stood.
    struct Piece {
        std::optional<TextOffset>
            at; ///< in the text as it is; nothing: beside letters that are gone
        std::string text;
    };
    struct Words {
        DocIndex doc;
        std::vector<Piece> pieces; ///< in the order in which they were written
    };
    /// My words that never became a change, and never will; their places are in the text without
    /// them, and none is empty. On the disk from now on, in one batch with these rows.
    void keepDraft(DocIndex doc, std::span<const Piece> pieces, store::Rows with);

    /// Of changes of one text; what is of another, or not rejected, is passed over.
    [[nodiscard]] std::optional<Words> wordsOf(const std::vector<Hash> &changes) const;

    void read(const api::ReadRejected &command) const;

private:
    /// Of a change that is not in the history any more, or never was: letters are named by hashes,
    /// since handles mean others by now.
    struct Kept {
        api::RejectedInfo info;
        struct Piece {
            Hash parent; ///< of the change that made the letter it hangs at; zero: the root
            std::uint32_t index = 0;
            crdt::Side side = crdt::Side::Right;
            std::string text;
        };
        std::vector<Piece> pieces;
    };

    [[nodiscard]] static Bytes encode(const Kept &kept);
    [[nodiscard]] static std::optional<Kept> decode(ByteView row);
    Hash addDraft(Kept kept, const Bytes &row);
    [[nodiscard]] Kept::Piece hung(DocIndex doc, const Piece &piece) const;
    void findVoid();
    [[nodiscard]] api::RejectedInfo infoOf(ChangeHandle change, const crdt::Ops *ops) const;
    [[nodiscard]] std::optional<Epoch> endOf(DeviceIndex device) const;
    [[nodiscard]] bool isOfMyPerson(DeviceIndex device) const;
    [[nodiscard]] std::optional<TextOffset> placeOf(DocIndex doc, const crdt::Anchor &anchor) const;
    [[nodiscard]] Words wordsHeld(ChangeHandle change) const;
    [[nodiscard]] Words wordsKept(const Kept &kept) const;
    [[nodiscard]] std::optional<TextOffset> placeOf(const Kept &kept,
                                                    const Kept::Piece &piece) const;
    [[nodiscard]] std::optional<Words> wordsOf(const Hash &change) const;

    Engine::State &m_state;
    std::map<ChangeHandle, api::RejectedInfo> m_rejected;
    std::map<Hash, Kept> m_kept;
    std::size_t m_keptBytes = 0;
    std::uint64_t m_revision = 0; ///< of Epochs, when it was found
    std::uint32_t m_scanned = 0;  ///< handles that were looked at for what they stand on
};

} // namespace nlbd::engine
