"""Tag scores on labelled conversations, with the scorer of the specification.

    python evals/tags.py [LABELLED.jsonl …] [--errors N] [--tag TAG]

Default: all files of ../shared/dev_set. Prints the scorer's table over all files together.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from huiyin.domain.conversation import Conversation
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.tagger import ConversationTagger

SHARED = Path(__file__).resolve().parents[2] / "shared"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="*", type=Path, default=sorted((SHARED / "dev_set").glob("*.jsonl")))
    parser.add_argument("--scorer", type=Path, default=SHARED / "tools" / "score_tags.py")
    parser.add_argument("--errors", type=int, default=0, help="print up to N errors")
    parser.add_argument("--tag", help="print the errors of this tag type alone")
    args = parser.parse_args()
    tagger = ConversationTagger(calendar=load_calendar())
    with tempfile.TemporaryDirectory() as folder:
        gold, predicted = Path(folder) / "gold.jsonl", Path(folder) / "predicted.jsonl"
        with gold.open("w", encoding="utf-8") as g, predicted.open("w", encoding="utf-8") as p:
            for path in args.labelled:
                for line in path.read_text(encoding="utf-8").splitlines():
                    data = json.loads(line)
                    g.write(json.dumps(data, ensure_ascii=False) + "\n")
                    data.pop("tags", None)
                    for tag in tagger(Conversation.model_validate(data)):
                        p.write(tag.model_dump_json() + "\n")
        command = [sys.executable, str(args.scorer), str(gold), str(predicted), "--errors", str(args.errors)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for text in out.splitlines():
        is_error = text.startswith(("MISSED", "SPURIOUS", "SLOT"))
        if not (is_error and args.tag and f" {args.tag} " not in text.replace(":", " ")):
            print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
