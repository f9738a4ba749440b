#include "crdt_bytes.h"

#include "core/base/utf8.h"

namespace nlbd::bench {

namespace {

/// The text in leaves that know how many letters they have.
class CountedText {
public:
    /// The bytes before the letter at `at`; whoever edits there needs no more looking.
    TextOffset bytesBefore(TextOffset at)
    {
        m_leaf = 0;
        TextOffset bytes = 0;
        for (m_inLeaf = at; m_inLeaf > m_leaves[m_leaf].letters; ++m_leaf) {
            m_inLeaf -= m_leaves[m_leaf].letters;
            bytes += static_cast<TextOffset>(m_leaves[m_leaf].text.size());
        }
        return bytes + bytesIn(m_leaves[m_leaf], m_inLeaf);
    }

    /// Takes letters away there and gives the bytes that went.
    TextOffset erase(TextOffset letters)
    {
        TextOffset bytes = 0;
        for (std::size_t at = m_leaf; letters > 0; ++at, m_inLeaf = 0) {
            Leaf &leaf = m_leaves[at];
            const TextOffset here = std::min(letters, leaf.letters - m_inLeaf);
            const TextOffset begin = bytesIn(leaf, m_inLeaf);
            const TextOffset end = bytesIn(leaf, m_inLeaf + here);
            leaf.text.erase(begin, end - begin);
            leaf.letters -= here;
            letters -= here;
            bytes += end - begin;
        }
        return bytes;
    }

    void insert(TextOffset at, std::string_view text)
    {
        for (bytesBefore(at); !text.empty(); bytesBefore(at)) {
            const std::string_view piece = text.substr(0, utf8::bytePosition(text, kLetters / 2));
            const TextOffset letters = utf8::length(piece);
            Leaf &leaf = m_leaves[m_leaf];
            leaf.text.insert(bytesIn(leaf, m_inLeaf), piece);
            leaf.letters += letters;
            if (leaf.letters > kLetters)
                split();
            at += letters;
            text.remove_prefix(piece.size());
        }
    }

private:
    static constexpr TextOffset kLetters = 512;
    struct Leaf {
        std::string text;
        TextOffset letters = 0;
    };

    static TextOffset bytesIn(const Leaf &leaf, TextOffset letters)
    {
        if (leaf.letters == leaf.text.size())
            return letters;
        return static_cast<TextOffset>(utf8::bytePosition(leaf.text, letters));
    }

    void split()
    {
        Leaf &left = m_leaves[m_leaf];
        const TextOffset keep = left.letters / 2;
        const std::size_t bytes = bytesIn(left, keep);
        Leaf right{left.text.substr(bytes), left.letters - keep};
        left.text.resize(bytes);
        left.letters = keep;
        m_leaves.insert(m_leaves.begin() + static_cast<std::ptrdiff_t>(m_leaf) + 1,
                        std::move(right));
    }

    std::vector<Leaf> m_leaves = std::vector<Leaf>(1);
    std::size_t m_leaf = 0;  ///< where bytesBefore() led
    TextOffset m_inLeaf = 0; ///< letters before that place in it
};

} // namespace

bool isAscii(const test::Trace &trace)
{
    return std::ranges::all_of(trace.transactions, [](const test::Trace::Transaction &transaction) {
        return std::ranges::all_of(transaction.patches, [](const TextPatch &patch) {
            return utf8::length(patch.inserted) == patch.inserted.size();
        });
    });
}

test::Trace inBytes(test::Trace trace)
{
    CountedText text;
    for (test::Trace::Transaction &transaction : trace.transactions)
        for (TextPatch &patch : transaction.patches) {
            const TextOffset at = patch.at;
            patch.at = text.bytesBefore(at);
            patch.removed = text.erase(patch.removed);
            text.insert(at, patch.inserted);
        }
    return trace;
}

} // namespace nlbd::bench
