"""rules/recognizers.yaml: read here, checked here, handed to Presidio as objects.

Presidio's own loading fails open (a missing file gives English recognisers and a warning), so nothing of it is used.
Every error is a SettingsError that names file, line and the nearest valid name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import yaml

from scrubber.detection.lexicon import Lexicon, deduce_folder, load_lexicon
from scrubber.detection.model.archive import FILE as MODEL_FILE
from scrubber.detection.model.archive import load
from scrubber.detection.patterns import Pattern, compile_pattern
from scrubber.detection.recognizer import DutchRecognizer, Mode, Spec
from scrubber.detection.recognizers import CLASSES
from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES
from scrubber.shipped import shipped_models, shipped_rules
from scrubber.yamls import compose

FILE = "recognizers.yaml"

_TOP = ("version", "language", "threshold", "limits", "priority", "recognizers")
_LIMITS = ("window", "overlap", "characters", "findings")
_ENTRY = ("name", "class", "entities", "patterns", "weights")


@dataclass(frozen=True, slots=True)
class DetectionLimits:
    """Code points a window, shared by two windows, and of a view at most; findings of a view at most."""

    window: int
    overlap: int
    characters: int
    findings: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One recogniser of the file."""

    name: str
    cls: type[DutchRecognizer]
    entities: tuple[str, ...]
    spec: Spec


@dataclass(frozen=True, slots=True)
class Configuration:
    """rules/recognizers.yaml, checked. `digest`: SHA-256 (hex) over its bytes and the word lists."""

    language: str
    threshold: float
    limits: DetectionLimits
    priority: tuple[str, ...]
    entries: tuple[Entry, ...]
    lexicon: Lexicon
    digest: str

    @property
    def patterns(self) -> Iterable[Pattern]:
        for entry in self.entries:
            yield from entry.spec.patterns.values()


class _Reader:
    """Turns YAML nodes into values, with the line where each stands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, node: yaml.Node, text: str) -> SettingsError:
        return SettingsError(f"{self.path}, line {node.start_mark.line + 1}: {text}")

    def unknown(self, node: yaml.Node, what: str, name: str, valid: Iterable[str]) -> SettingsError:
        choices = list(valid)
        near = get_close_matches(name, choices, 1, 0.4) or get_close_matches(name.lower(), choices, 1, 0.0)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return self.fail(node, f"unknown {what} {name!r}{hint}")

    def mapping(
        self, node: yaml.Node, what: str, keys: Iterable[str] | None, required: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be a mapping")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if keys is not None and name not in keys:
                raise self.unknown(key, f"key in {what}", name, keys)
            if name in found:
                raise self.fail(key, f"{what}: {name!r} stands here twice")
            found[name] = value
        for name in required:
            if name not in found:
                raise self.fail(node, f"{what} lacks {name!r}")
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(node, f"{what} must be a list that is not empty")
        return list(node.value)

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            raise self.fail(node, f"{what} must be text")
        return str(node.value)

    def number(self, node: yaml.Node, what: str, low: float, high: float) -> float:
        try:
            value = float(self.text(node, what))
        except ValueError:
            raise self.fail(node, f"{what} must be a number") from None
        if not low <= value <= high:
            raise self.fail(node, f"{what} must lie between {low:g} and {high:g}")
        return value

    def entity(self, node: yaml.Node) -> str:
        name = self.text(node, "entity type")
        if name not in ENTITY_TYPES:
            raise self.unknown(node, "entity type", name, ENTITY_TYPES)
        return name


def _read(path: Path) -> tuple[bytes, yaml.Node]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{path}: rules can't be read ({type(error).__name__}); scrubber ships one, copy it"
        ) from error
    try:
        node = compose(raw.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise SettingsError(f"{path}{line}: not YAML ({getattr(error, 'problem', None) or 'not UTF-8'})") from error
    if node is None:
        raise SettingsError(f"{path}: the file is empty")
    return raw, node


def _entry(reader: _Reader, node: yaml.Node, lexicon: Lexicon, model: Mode) -> Entry:
    keys = reader.mapping(node, "a recognizer", _ENTRY, ("name", "class", "entities"))
    class_name = reader.text(keys["class"], "class")
    cls = CLASSES.get(class_name)
    if cls is None:
        raise reader.unknown(keys["class"], "class", class_name, CLASSES)
    entities = tuple(reader.entity(item) for item in reader.items(keys["entities"], "entities"))
    for item, entity in zip(reader.items(keys["entities"], "entities"), entities, strict=True):
        if entity not in cls.ENTITIES:
            raise reader.fail(item, f"{class_name} finds {', '.join(cls.ENTITIES)}, not {entity}")
    patterns: dict[str, Pattern] = {}
    if cls.PATTERNS or "patterns" in keys:
        named = reader.mapping(keys.get("patterns", node), f"patterns of {class_name}", cls.PATTERNS, cls.PATTERNS)
        for name, value in named.items():
            try:
                patterns[name] = compile_pattern(reader.text(value, f"pattern {name!r}"))
            except SettingsError as error:
                raise reader.fail(value, f"pattern {name!r}: {error}") from None
    weights: dict[str, float] = {}
    if cls.WEIGHTS or "weights" in keys:
        named = reader.mapping(keys.get("weights", node), f"weights of {class_name}", cls.WEIGHTS, cls.WEIGHTS)
        weights = {name: reader.number(value, f"weight {name!r}", -20, 20) for name, value in named.items()}
    name = reader.text(keys["name"], "name")
    return Entry(name, cls, entities, Spec(patterns, weights, lexicon, model))


def read_configuration(rules_dir: Path, extra_dir: Path | None = None, model: Mode = "gated") -> Configuration:
    """Read and check `rules_dir`/recognizers.yaml and its word lists. `extra_dir`: where deduce's lists stand.

    With `model` "off" the recognisers that ask the trained model are left out.
    """
    path = rules_dir / FILE
    raw, root = _read(path)
    reader = _Reader(path)
    top = reader.mapping(root, "the file", _TOP, _TOP)
    if reader.text(top["version"], "version") != "1":
        raise reader.fail(top["version"], "this scrubber reads version 1")
    limits = reader.mapping(top["limits"], "limits", _LIMITS, _LIMITS)
    numbers = {name: int(reader.number(value, name, 100, 1e9)) for name, value in limits.items()}
    if numbers["overlap"] * 2 >= numbers["window"]:
        raise reader.fail(limits["overlap"], "overlap must be less than half of window")
    priority = tuple(reader.entity(item) for item in reader.items(top["priority"], "priority"))
    missing = [entity for entity in ENTITY_TYPES if entity not in priority]
    if missing or len(set(priority)) != len(priority):
        raise reader.fail(
            top["priority"], f"priority must name each type once; missing: {', '.join(missing) or 'none'}"
        )
    lexicon = load_lexicon(rules_dir / "words", extra_dir)
    entries: list[Entry] = []
    for node in reader.items(top["recognizers"], "recognizers"):
        entry = _entry(reader, node, lexicon, model)
        if any(entry.name == other.name for other in entries):
            raise reader.fail(node, f"two recognizers are called {entry.name!r}")
        entries.append(entry)
    if model == "off":
        entries = [entry for entry in entries if not entry.cls.MODEL]
    digest = hashlib.sha256(raw + lexicon.digest.encode())
    if any(entry.cls.MODEL for entry in entries):
        digest.update(f"{model}:{load(shipped_models() / MODEL_FILE).digest}".encode())
    return Configuration(
        language=reader.text(top["language"], "language"),
        threshold=reader.number(top["threshold"], "threshold", 0, 1),
        limits=DetectionLimits(**numbers),
        priority=priority,
        entries=tuple(entries),
        lexicon=lexicon,
        digest=digest.hexdigest(),
    )


@lru_cache(maxsize=1)
def _shipped() -> Configuration:
    return read_configuration(shipped_rules(), deduce_folder())


def shipped_spec(class_name: str) -> Spec:
    """What the shipped rules say of a class, for those who use a recogniser in an engine of their own."""
    for entry in _shipped().entries:
        if entry.cls.__name__ == class_name:
            return entry.spec
    raise SettingsError(f"the shipped rules hold no {class_name}")
