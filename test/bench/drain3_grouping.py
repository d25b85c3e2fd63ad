"""Grouping accuracy of drain3 with its defaults on the sets of `loghub/` that say each line's template, to set beside `npm run -s bench -- grouping`.

By hand: pip install drain3, then python3 drain3_grouping.py DIR
"""

import csv
import pathlib
import sys
from collections import defaultdict

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

for path in sorted(pathlib.Path(sys.argv[1], "loghub").glob("*/*_structured.csv")):
    miner = TemplateMiner(config=TemplateMinerConfig())
    groups, references = defaultdict(set), defaultdict(set)
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            groups[miner.add_log_message(row["Content"])["cluster_id"]].add(number)
            references[row["EventId"]].add(number)
    lines = sum(map(len, groups.values()))
    right = sum(len(group) for group in groups.values() if group in references.values())
    print(f"{path.parent.name.lower()}_accuracy {right / lines:.4f}  templates {len(groups)}")
