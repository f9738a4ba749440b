#pragma once

#include "ui/editor/block_style.h"
#include "ui/editor/page_looks.h"

#include <QString>

#include <optional>
#include <vector>

namespace nlbd::ui {

/// A piece of a page on its way from one place to another: words, how they look, and what their
/// blocks are. What comes from other programs is read into one, and nothing else of it is used.
struct Fragment {
    /// Letters that look alike, in units of the text.
    struct Run {
        qsizetype from = 0;
        qsizetype to = 0;
        Attributes marks; ///< only such as travel, see marksThatTravel
        friend bool operator==(const Run &, const Run &) = default;
    };
    static constexpr std::size_t kRunsMax = 200'000; ///< what looks otherwise beyond is plain
    using Block = std::optional<BlockStyle>;         ///< nothing: as where it is put

    QString text;              ///< whole characters; "\n" between blocks
    std::vector<Run> runs;     ///< in order and apart; what lies between them is plain
    std::vector<Block> blocks; ///< one more than there are breaks in the text, or none at all

    /// Anything but words.
    [[nodiscard]] bool hasLooks() const;
    /// What the block of this number is to be.
    [[nodiscard]] Block block(std::size_t number) const
    {
        return number < blocks.size() ? blocks[number] : Block();
    }
    friend bool operator==(const Fragment &, const Fragment &) = default;
};

/// What of the marks of letters goes along when they are copied: formats and links, never what the
/// engine or others say of them.
[[nodiscard]] Attributes marksThatTravel(const Attributes &marks);

/// An address that may stand behind words: http, https or mailto, of reasonable length.
[[nodiscard]] bool isLinkThatTravels(const QString &address);

/// What stands at `from` in a text with these looks. `last`: what the block is that it ends in.
/// A block of which only the end or the beginning is taken is as where it is put.
/// @complexity linear in what is taken.
enum class Begins : std::uint8_t { AtBlock, InBlock };
[[nodiscard]] Fragment fragmentOf(const QString &taken, qsizetype from, const PageLooks &looks,
                                  Begins begins, const Fragment::Block &last);

/// The same looks as a page has them.
[[nodiscard]] PageLooks looksOf(const Fragment &fragment);

/// Words alone, with line breaks of every origin as the core has them. Half a surrogate pair
/// becomes U+FFFD; all else stays byte for byte, U+00A0 and U+2028 too.
[[nodiscard]] Fragment plainFragment(QString text);

/// The same length in units, half pairs replaced by U+FFFD.
[[nodiscard]] QString withWholePairs(QString text);

/// Writes a fragment, letters and line breaks in order.
class FragmentWriter {
public:
    void add(QStringView letters, const Attributes &marks);
    /// Ends the block that was written, which is this.
    void endBlock(const Fragment::Block &style);
    [[nodiscard]] bool isAtBlockStart() const { return m_isFresh; }
    [[nodiscard]] qsizetype units() const { return m_fragment.text.size(); }
    [[nodiscard]] QChar last() const
    {
        return m_isFresh || m_fragment.text.isEmpty() ? QChar(u'\n') : m_fragment.text.back();
    }
    void chopSpace(); ///< a blank that was written last, if the block ends with one
    /// The last block has no break behind it.
    [[nodiscard]] Fragment take(const Fragment::Block &last);

private:
    void begin();

    Fragment m_fragment;
    bool m_isFresh = true;   ///< nothing of the present block was written yet
    bool m_hasEnded = false; ///< a break is due before the next letter
};

} // namespace nlbd::ui
