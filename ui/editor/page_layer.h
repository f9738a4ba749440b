#pragma once

#include "core/base/attributes.h"

#include <QtGlobal>

class QPainter;

namespace nlbd::ui {

class PagePainter;

/// Something that is drawn on a page besides its text, from the lines that are on the screen. A
/// view asks its layers in the order in which they were added, at each paint: a layer must cost
/// what is visible, not what the document holds.
class PageLayer {
public:
    virtual ~PageLayer() = default;
    /// Before the text is drawn, which stays crisp on it.
    virtual void paintUnder(QPainter &painter, const PagePainter &page) const;
    /// After the text.
    virtual void paintOver(QPainter &painter, const PagePainter &page) const;
    /// In the strip left of the text, which is 64 wide and as high as the screen.
    virtual void paintGutter(QPainter &painter, const PagePainter &page) const;

    /// What the person here has proposed that letters [from, to) of one block, and the block, look
    /// like instead of what is given.
    virtual void layOver(qsizetype from, qsizetype to, Attributes &attributes) const;

protected:
    PageLayer() = default;
    PageLayer(const PageLayer &) = default;
    PageLayer &operator=(const PageLayer &) = default;
};

inline void PageLayer::layOver(qsizetype, qsizetype, Attributes &) const {}
inline void PageLayer::paintUnder(QPainter &, const PagePainter &) const {}
inline void PageLayer::paintOver(QPainter &, const PagePainter &) const {}
inline void PageLayer::paintGutter(QPainter &, const PagePainter &) const {}

} // namespace nlbd::ui
