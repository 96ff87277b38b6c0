"""The examples of docs/rest.md are run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.api.rest import Rest
from tests.org.world import app


def test_the_examples_of_the_documentation_work_in_their_order(rest: Rest, root: Path) -> None:
    rest.world.bring(app("Billing"), app("Portal"))
    text = (root / "docs" / "rest.md").read_text(encoding="utf-8")
    examples = re.findall(r"^curl .+?(?<!\\)$", text, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 9
    token = rest.token(rest.world.admin)
    for example in examples:
        words = shlex.split(example.replace("\\\n", " ").replace("$TOKEN", token).replace("$URL", ""))
        method, body, headers, url = "", None, {}, ""
        arguments = iter(words[1:])
        for word in arguments:
            match word:
                case "-X":
                    method = next(arguments)
                case "-d":
                    body = next(arguments)
                case "-H":
                    name, _, value = next(arguments).partition(": ")
                    headers[name] = value
                case _:
                    url = word
        method = method or ("GET" if body is None else "POST")
        answer = rest.nobody.client.request(method, url, content=body, headers=headers)
        assert answer.is_success, (example, answer.text)
