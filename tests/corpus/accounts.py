"""The account held against the files, by value: what an accountant does who trusts neither side.

Works on the JSON of `changeover assess` and the folder of `changeover convert`, with the tests' own reader
and truth tables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.corpus import own_mapping
from tests.corpus.own_mapping import Expected
from tests.corpus.own_xml import Node, read_file

KINDS = frozenset({"carried", "translated", "split", "lost"})
SECRETS = frozenset({"consumerSecret", "serviceAccount", "signingKey", "password"})
# Folder of each kind of file (reference, section 2).
FOLDERS = {
    "eca": "externalClientApps",
    "ecaGlblOauth": "extlClntAppGlobalOauthSets",
    "ecaOauth": "extlClntAppOauthSettings",
    "ecaOauthPlcy": "extlClntAppOauthPolicies",
    "ecaPlcy": "extlClntAppPolicies",
    "ecaOauthSecurity": "extlClntAppOauthSecuritySettings",
    "ecaSamlPlcy": "extlClntAppSamlConfigurablePolicies",
    "ecaCanvas": "extlClntAppCanvasSettings",
    "ecaMobile": "extlClntAppMobileSettings",
    "ecaMobilePlcy": "extlClntAppMobilePolicies",
    "ecaPush": "extlClntAppPushSettings",
    "ecaPushPlcy": "extlClntAppPushPolicies",
    "ecaNotifications": "extlClntAppNotifSettings",
}
LISTS = frozenset({"commaSeparatedOauthScopes", "commaSeparatedPermissionSet", "commaSeparatedProfile"})
# The files that refer to apps: where in them, and which sibling must say what.
REFERENCES: dict[str, tuple[tuple[re.Pattern[str], str | None, str], ...]] = {
    "AppMenu": ((re.compile(r"appMenuItems\[\d+\]/name\[1\]"), "type", "ConnectedApp"),),
    "NotificationTypeConfig": ((re.compile(r".*/connectedAppName\[1\]"), None, ""),),
    "UserProvisioningConfig": ((re.compile(r"connectedApp\[1\]"), None, ""),),
    "CustomPermission": ((re.compile(r"connectedApp\[1\]"), None, ""),),
    "OauthCustomScope": ((re.compile(r"assignedTo\[\d+\]/connectedApp\[1\]"), None, ""),),
    "OauthTokenExchangeHandler": ((re.compile(r"enablements\[\d+\]/connectedApp\[1\]"), None, ""),),
}


def full(path: str) -> str:
    """A path with every number written: `oauthConfig/scopes[2]` is `oauthConfig[1]/scopes[2]`."""
    return "/".join(step if step.endswith("]") else f"{step}[1]" for step in path.split("/"))


def written_files(folder: Path) -> dict[str, Node]:
    """Every component in a folder of `convert`, by its name: `App_oauth.ecaOauth`."""
    found: dict[str, Node] = {}
    for file in sorted(folder.rglob("*-meta.xml")):
        component = file.name.removesuffix("-meta.xml")
        assert component not in found, f"{component} is written twice"
        assert file.parent.name == FOLDERS[component.rpartition(".")[2]], file
        found[component] = read_file(file)
    return found


def references_to(app: str, tree: Path) -> set[tuple[str, str]]:
    """File and full path of every leaf in a tree that names the app."""
    found = set()
    for file in sorted(tree.rglob("*")):
        if not file.is_file() or ".connectedApp" in file.name or ".eca" in file.name:
            continue
        if not re.search(r"\.[A-Za-z]+(-meta\.xml)?$", file.name):
            continue
        root = read_file(file)
        for leaf in root.leaves():
            for pattern, sibling, says in REFERENCES.get(root.name, ()):
                named = leaf.text == app and pattern.fullmatch(leaf.path)
                if named and leaf.parent and (sibling is None or leaf.parent.value(sibling) == says):
                    found.add((file.relative_to(tree).as_posix(), leaf.path))
    return found


class Books:
    """One app's account beside its source and the files that came of it.

    Without the truth tables only the account itself is checked: for sources that no table foresees.
    """

    def __init__(
        self, tree: Path, files: Mapping[str, Node], app: Mapping[str, Any], *, by_tables: bool = True
    ) -> None:
        self.tree = tree
        self.app = app
        self.name: str = app["api_name"]
        self.source = read_file(tree / app["path"])
        self.expected: Expected | None = own_mapping.expected(self.name, self.source) if by_tables else None
        endings = tuple(f"{self.name}{ending}" for ending in own_mapping.ENDINGS)
        self.files = {component: root for component, root in files.items() if component in endings}
        self.referring: dict[str, Node] = {}

    def faults(self) -> list[str]:
        """Everything that does not hold, in words; nothing if the books are in order."""
        return [
            *self._entries(),
            *self._sources_once(),
            *self._nothing_unaccounted(),
            *(self._as_the_tables_say(self.expected) if self.expected is not None else ()),
        ]

    def _place(self, source: str) -> tuple[str, Node | None]:
        """Which leaf an entry speaks of: its own name for it, and the element if it is there."""
        for colon in (found.start() for found in re.finditer(":", source)):
            file = self.tree / source[:colon]
            if file.is_file():
                if source[:colon] not in self.referring:
                    self.referring[source[:colon]] = read_file(file)
                place = full(source[colon + 1 :])
                return f"{source[:colon]}:{place}", self.referring[source[:colon]].at(place)
        return full(source), self.source.at(source)

    def _entries(self) -> Iterator[str]:
        for entry in self.app["account"]:
            where = f"{self.name}: {entry['source']}"
            place, leaf = self._place(entry["source"])
            if entry["kind"] not in KINDS:
                yield f"{where} is {entry['kind']}"
            if leaf is None or leaf.children:
                yield f"{where} is no leaf"
                continue
            secret = leaf.name in SECRETS and leaf.text != ""
            if secret and (entry["from"] == leaf.text or leaf.text in str(entry)):
                yield f"{where} shows its secret"
            if not secret and entry["from"] != leaf.text:
                yield f"{where} is said to be {entry['from']!r} and is {leaf.text!r}"
            if entry["kind"] == "lost":
                yield from self._lost(where, place, entry)
            else:
                yield from self._kept(where, leaf.text, entry)

    def _lost(self, where: str, place: str, entry: Mapping[str, Any]) -> Iterator[str]:
        if entry["targets"]:
            yield f"{where} is lost and has targets"
        if not entry["note"]:
            yield f"{where} is lost without a consequence"
        if ":" in place:
            return
        if self.expected is None:
            plain = re.sub(r"\[\d+\]", "", place)
            has_a_home = not plain.startswith(own_mapping.MAY_BE_LOST)
        else:
            has_a_home = place not in self.expected.lost
        if has_a_home:
            yield f"{where} is lost, and has a home"

    def _kept(self, where: str, value: str, entry: Mapping[str, Any]) -> Iterator[str]:
        targets = entry["targets"]
        # One target has its value there, several have a list of them.
        said = [entry["to"]] if isinstance(entry["to"], str) else entry["to"]
        if not targets:
            yield f"{where} is {entry['kind']} and has no target"
        if len(said) != len(targets):
            yield f"{where} has {len(targets)} targets and {len(said)} values"
            return
        for target, to in zip(targets, said, strict=True):
            root, path = self._document(target)
            leaf = root.at(path) if root is not None else None
            name = path.rpartition("/")[2]
            if name in SECRETS:
                continue
            if leaf is None:
                yield f"{where} goes to {target}, which is not written"
            elif leaf.text != to:
                yield f"{where} goes to {target} as {to!r}, which says {leaf.text!r}"
            elif entry["kind"] == "carried" and leaf.text != value:
                yield f"{where} is carried to {target}, which says {leaf.text!r}"

    def _document(self, target: str) -> tuple[Node | None, str]:
        """The written file of a target, or the referring file that stays as it is, and the path in it."""
        for file, root in self.referring.items():
            if target.startswith(f"{file}/"):
                return root, target.removeprefix(f"{file}/")
        component, _, path = target.partition("/")
        return self.files.get(component), path

    def _sources_once(self) -> Iterator[str]:
        places = Counter(self._place(entry["source"])[0] for entry in self.app["account"])
        for place, times in places.items():
            if times > 1:
                yield f"{self.name}: {place} has {times} entries"
        for leaf in self.source.leaves():
            if leaf.path not in places:
                yield f"{self.name}: {leaf.path} has no entry"
        for file, path in references_to(self.name, self.tree):
            if f"{file}:{path}" not in places:
                yield f"{self.name}: the reference at {file}:{path} has no entry"

    def _nothing_unaccounted(self) -> Iterator[str]:
        reached = {target for entry in self.app["account"] for target in entry["targets"]}
        reached = {self._full_target(target) for target in reached}
        added = {self._full_target(each["target"]): each for each in self.app["added"]}
        written = {
            f"{component}/{leaf.path}": leaf.text
            for component, root in self.files.items()
            for leaf in root.leaves()
        }
        for target, value in written.items():
            if target in added:
                if added[target]["value"] != value:
                    yield f"{target} is added as {added[target]['value']!r} and says {value!r}"
                if not added[target]["why"]:
                    yield f"{target} is added without a reason"
                if target in reached:
                    yield f"{target} is both added and a target"
            elif target not in reached:
                yield f"{target} = {value!r} comes from nowhere"
        for target in added:
            if target not in written:
                yield f"{target} is said to be added and is not written"

    @staticmethod
    def _full_target(target: str) -> str:
        component, _, path = target.partition("/")
        return f"{component}/{full(path)}"

    def _as_the_tables_say(self, expected: Expected) -> Iterator[str]:
        for component, leaves in expected.leaves.items():
            root = self.files.get(component)
            if root is None:
                yield f"{component} is not written"
                continue
            for path, value in leaves.items():
                if path == "consumerSecret[1]":
                    continue
                leaf = root.at(path)
                if leaf is None:
                    yield f"{component}/{path} must say {value!r} and is not written"
                elif _plain(leaf.name, leaf.text) != _plain(leaf.name, value):
                    yield f"{component}/{path} must say {value!r} and says {leaf.text!r}"
        for component, root in self.files.items():
            known = expected.leaves.get(component, {})
            may = own_mapping.MAY_BE_ADDED[component.removeprefix(self.name)]
            for leaf in root.leaves():
                if leaf.path not in known and leaf.text not in may.get(leaf.path, ()):
                    yield f"{component}/{leaf.path} says {leaf.text!r}, which nothing asks for"


def _plain(name: str, value: str) -> str:
    """Lists are the same with and without spaces after their commas."""
    return re.sub(r"\s*,\s*", ",", value) if name in LISTS else value
