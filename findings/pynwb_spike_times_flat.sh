#!/usr/bin/env bash
# Expected: an attribute of a table and the column of that name are the same: units.spike_times[1] is what units["spike_times"][1]
# is, the spikes of the second unit; trials.start_time and trials["start_time"] agree, too.
#
# Seen: units.spike_times is the flat list of the spikes of all units. units.spike_times[1] is one number, the second spike of
# the first unit, len(units.spike_times) is the number of all spikes, and zip(ids, units.spike_times) pairs each unit with a
# single spike. Nothing warns. units["spike_times"][1] gives the unit's spikes; units.spike_times_index[1] does, too.
#
# Why it matters: code that loops over units by the attribute reads one spike for each unit, of one unit only, and makes rates of
# them that look like those of very quiet cells.
#
# Run:  bash findings/pynwb_spike_times_flat.sh [version of pynwb, 4.2.0 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, pynwb 4.2.0, hdmf 6.2.0
#   units["spike_times"][1]: [0.5, 0.7, 0.9, 1.1]
#   units.spike_times[1]: 0.2
#   len(units): 3, len(units.spike_times): 9
#   trials["start_time"][1], trials.start_time[1]: 1.0 1.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 h5py==3.16.0 hdmf==6.2.0 "pynwb==${1:-4.2.0}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import datetime
import platform

import hdmf
import numpy as np
import pynwb

print(f"python {platform.python_version()}, pynwb {pynwb.__version__}, hdmf {hdmf.__version__}")
start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
file = pynwb.NWBFile(session_description="two trials", identifier="x", session_start_time=start)
for begin in (0.0, 1.0):
    file.add_trial(start_time=begin, stop_time=begin + 0.8)
for times in ([0.1, 0.2, 0.3], [0.5, 0.7, 0.9, 1.1], [1.2, 1.3]):
    file.add_unit(spike_times=times)
with pynwb.NWBHDF5IO("a.nwb", "w") as io:
    io.write(file)
with pynwb.NWBHDF5IO("a.nwb", "r") as io:
    read = io.read()
    units, trials = read.units, read.trials
    by_name, by_attribute = np.asarray(units["spike_times"][1]).tolist(), np.asarray(units.spike_times[1]).tolist()
    counts = len(units), len(units.spike_times)
    starts = float(trials["start_time"][1]), float(trials.start_time[1])
print(f'units["spike_times"][1]: {by_name}')
print(f"units.spike_times[1]: {by_attribute}")
print(f"len(units): {counts[0]}, len(units.spike_times): {counts[1]}")
print(f'trials["start_time"][1], trials.start_time[1]: {starts[0]} {starts[1]}')
if (by_name, by_attribute, counts, starts) != ([0.5, 0.7, 0.9, 1.1], 0.2, (3, 9), (1.0, 1.0)):
    raise SystemExit("this is not what was seen: look again")
PYTHON
