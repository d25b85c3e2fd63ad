"""Makes adwinReference.json: where river's ADWIN finds changes. Run with `pip install river==0.26.1`; reads nothing, writes to standard output."""
import json

import river
from river.drift import ADWIN


def uniform(seed):
    """mulberry32, as in the test."""
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        h = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        h ^= (h + ((h ^ (h >> 7)) * (h | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        yield ((h ^ (h >> 14)) & 0xFFFFFFFF) / 2**32


# Length of each stretch and what its numbers are: uniform in [0, 1) times the second, plus the third.
cases = {
    "no change": (1, [(5000, 1.0, 0.0)]),
    "one jump": (2, [(2000, 1.0, 0.0), (2000, 1.0, 0.5)]),
    "small jump": (3, [(6000, 2.0, 0.0), (6000, 2.0, 0.15)]),
    "back and forth": (4, [(1000, 1.0, 0.0), (300, 10.0, 0.0), (2000, 1.0, 0.0), (64, 1.0, 9.0), (1500, 1.0, 0.0)]),
    "wider only": (5, [(3000, 0.2, 0.9), (3000, 2.0, 0.0)]),
}
result = {"river": river.__version__, "cases": []}
for name, (seed, stretches) in cases.items():
    numbers = uniform(seed)
    adwin = ADWIN()
    changes = []
    at = 0
    for length, scale, offset in stretches:
        for _ in range(length):
            adwin.update(next(numbers) * scale + offset)
            if adwin.drift_detected:
                changes.append({"at": at, "width": int(adwin.width), "mean": round(adwin.estimation, 9)})
            at += 1
    result["cases"].append(
        {"name": name, "seed": seed, "stretches": stretches, "changes": changes, "width": int(adwin.width), "mean": round(adwin.estimation, 9)}
    )
print(json.dumps(result, indent=2))
