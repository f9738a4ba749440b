#include "core/crdt/patch_log.h"

namespace nlbd::crdt {

void PatchLog::inserted(TextOffset at, std::string_view utf8, TextOffset length)
{
    if (!m_patches.empty() && m_lastInserted > 0 && m_patches.back().at + m_lastInserted == at) {
        m_patches.back().inserted += utf8;
        m_lastInserted += length;
        return;
    }
    m_patches.push_back({at, 0, std::string(utf8)});
    m_lastInserted = length;
}

void PatchLog::removed(TextOffset at, TextOffset length)
{
    const bool isPureRemoval = !m_patches.empty() && m_lastInserted == 0;
    if (isPureRemoval && m_patches.back().at == at) {
        m_patches.back().removed += length;
        return;
    }
    if (isPureRemoval && m_patches.back().at == at + length) {
        m_patches.back().at = at;
        m_patches.back().removed += length;
        return;
    }
    m_patches.push_back({at, length, {}});
    m_lastInserted = 0;
}

} // namespace nlbd::crdt
