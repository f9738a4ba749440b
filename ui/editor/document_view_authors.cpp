// What the engine is asked about places on the page, and where its answers stand.

#include "ui/editor/document_view.h"

#include <algorithm>
#include <utility>

namespace nlbd::ui {

QString DocumentView::nameOf(DeviceIndex device) const
{
    return m_people.value(device.value).fullName;
}

std::optional<api::Passage> DocumentView::passage(qsizetype from, qsizetype to) const
{
    if (!isOpen())
        return std::nullopt;
    return api::Passage{*m_doc,
                        m_view,
                        m_pending.patch(),
                        m_pending.serial(),
                        m_text.scalarAt(std::min(from, m_text.units())),
                        m_text.scalarAt(std::min(to, m_text.units())),
                        m_opening};
}

void DocumentView::inOrder(std::uint64_t includesSerial, std::function<void()> use)
{
    if (m_isOpen)
        queue([this, includesSerial, use = std::move(use)] {
            m_pending.acknowledge(includesSerial);
            use();
        });
}

std::pair<qsizetype, qsizetype> DocumentView::placesOf(TextOffset from, TextOffset to) const
{
    return {m_text.unitAt(m_pending.startInView(from)), m_text.unitAt(m_pending.placeInView(to))};
}

} // namespace nlbd::ui
