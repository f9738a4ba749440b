#pragma once

#include <QRandomGenerator>
#include <QString>

#include <algorithm>

/// How the courses of processes_test are asked for.
namespace nlbd::mesh {

/// NLBD_PROCESSES_KEEP leaves the folders of all processes and exports; NLBD_PROCESSES_SEED repeats
/// one; NLBD_PROCESSES_TURNS runs the courses that often, each time with another.
[[nodiscard]] inline quint64 firstSeed()
{
    bool isGiven = false;
    const quint64 seed = qEnvironmentVariable("NLBD_PROCESSES_SEED").toULongLong(&isGiven);
    return isGiven ? seed : QRandomGenerator::global()->generate();
}

[[nodiscard]] inline int turns()
{
    return std::max(1, qEnvironmentVariableIntValue("NLBD_PROCESSES_TURNS"));
}

} // namespace nlbd::mesh
