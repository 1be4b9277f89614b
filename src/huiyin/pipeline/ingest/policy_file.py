"""policy.yaml: read here, given its meaning by the policy's own loader (spec/audit.md, "Policy file")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from huiyin.domain.errors import PolicyError
from huiyin.pipeline.ingest.text import read_source


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {name!r} is given twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def read_policy(path: Path) -> dict[str, Any]:
    """The overrides as they stand; an empty file is none.

    Raises PolicyError that names file and line: a run under another policy than the operator wrote would give wrong
    due times for everybody, so that nothing else is worth reading first.
    """
    source, issues = read_source(path)
    if source is None:
        raise PolicyError(issues[0].render())
    try:
        data = yaml.load("".join(source.lines), Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        line = f":{problem.problem_mark.line + 1}" if problem.problem_mark else ""
        raise PolicyError(f"{path.name}{line}: is not valid YAML: {problem.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise PolicyError(f"{path.name}: is not valid YAML: {' '.join(str(problem).split())}") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise PolicyError(f"{path.name}:1: want settings as `name: value`, this is a {type(data).__name__}")
    for key in data:
        if not isinstance(key, str):
            raise PolicyError(f"{path.name}: {key!r} is no name of a setting")
    return data
