"""What a trouble comes from, by class: whether two reports of one thing are one trouble.

Sources say causes in words, drivers in numbers. Causes are compared by class and not by word: an
Xid 64 is a failed row remap, and a row remap that failed is a memory error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from andon.analysis.watch import needs_recovery
from andon.model import Accelerator, Node, NodeState

_XIDS = {
    **dict.fromkeys((48, 63, 64, 92, 94, 95, 140), "memory"),
    74: "link",
    79: "lost",
    **dict.fromkeys((119, 120), "gsp"),
}
"""NVIDIA's Xids whose cause has words of its own; any other is a class of its own."""
_WORDS = {
    "memory": re.compile(r"\becc\b|memory error|row.?remap|page.?retire"),
    "link": re.compile(r"nvlink|nvswitch"),
    "lost": re.compile(r"fallen off|falls off|gpu.?lost"),
    "gsp": re.compile(r"\bgsp\b"),
    "heat": re.compile(r"therm|\bhot\b|overheat|throttl|slow(?:s|ed)? down|slowdown|power.?brake"),
    "idle": re.compile(r"\bidle\b"),
    "network": re.compile(r"network|infiniband|\bmlx\d|check_hw_ib"),
    "power": re.compile(r"power (?:feed|loss|lost|fail|cut|outage)|no power|without power"),
    "silent": re.compile(r"not respond|no respon|unreachable|silent|(?:stopped|not) answer"),
    "stuck": re.compile(r"stuck|start|stopp|held|hold|clos|inactive"),
}
_DEVICE = re.compile(r"(?:gpu|accelerator|device|card).*(?:faulty|broken|fail|error|reset)")
MEMORY_ERRORS = "uncorrected memory errors"
_OF_DEVICES = frozenset({"memory", "link", "lost", "gsp"})
_OF_WORK = frozenset({"idle", "stuck"})
"""Classes of queues that stand still and of accelerators held idle. The same words in the reason of
a node are of something else: `on hold for a new disk`, `restart pending`."""
_XID = re.compile(r"\bxid[ :#]*(\d{1,4})\b")
_GPU = re.compile(r"\bgpu[ #]+(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a trouble may come from."""

    classes: frozenset[str]
    gpus: frozenset[int] = frozenset()
    """Indexes of the GPUs that are named; empty when none is."""

    def is_same(self, other: Cause) -> bool:
        """Return whether two reports about one node may be of one trouble."""
        if self.gpus and other.gpus and not self.gpus & other.gpus:
            return False
        return not self.classes.isdisjoint(other.classes)

    @property
    def is_of_devices(self) -> bool:
        """Whether single devices of a node are the trouble."""
        return bool(self.gpus) or "device" in self.classes or any(map(_is_of_devices, self.classes))


def says(text: str, words: str) -> bool:
    """Return whether a text has these words, whole and in this order; case aside."""
    text, words = text.casefold(), words.casefold()
    start = text.find(words)
    while words and start >= 0:
        end = start + len(words)
        if not (_goes_on(text[start - 1 : start]) or _goes_on(text[end : end + 1])):
            return True
        start = text.find(words, start + 1)
    return False


def _goes_on(letter: str) -> bool:
    """Return whether a word goes on with this letter; names of hosts have dashes in them."""
    return letter.isalnum() or letter in ("_", "-")


def cause_in(text: str) -> Cause:
    """Return the cause that words tell of; of no class when they say nothing known."""
    text = text.casefold()
    classes = {name for name, words in _WORDS.items() if words.search(text)}
    classes.update(_class_of(int(number)) for number in _XID.findall(text))
    if not any(_is_of_devices(name) for name in classes) and _DEVICE.search(text):
        classes.add("device")
    return Cause(frozenset(classes), frozenset(int(index) for index in _GPU.findall(text)))


def cause_of_fault(card: Accelerator) -> Cause:
    """Return what is wrong with an accelerator that says that it is broken."""
    classes = set()
    if card.xid_last is not None:
        classes.add(_class_of(card.xid_last))
    if card.ecc_uncorrected_count:
        classes.add("memory")
    if not classes:
        # It says that it is broken, or what to do with it, and nothing more.
        classes |= _OF_DEVICES
    return Cause(frozenset({*classes, "device"}), _gpus(card))


def cause_of_heat(card: Accelerator) -> Cause:
    """Return what is wrong with an accelerator that is slowed down."""
    return Cause(frozenset({"heat"}), _gpus(card))


def cause_of_absence(node: Node) -> Cause:
    """Return why a node takes no work; one that only is silent may lack power or network."""
    said = cause_in(node.reason or "")
    classes = said.classes - _OF_WORK
    silent = node.reason is None or classes == {"silent"}
    if node.state is NodeState.DOWN and silent:
        return Cause(frozenset({"silent", "power", "network"}))
    return Cause(classes, said.gpus)


STANDSTILL = Cause(frozenset({"stuck"}))
IDLENESS = Cause(frozenset({"idle"}))


def _class_of(xid: int) -> str:
    return _XIDS.get(xid, f"xid {xid}")


def _is_of_devices(name: str) -> bool:
    return name in _OF_DEVICES or name.startswith("xid ")


def _gpus(card: Accelerator) -> frozenset[int]:
    return frozenset() if card.index is None else frozenset({card.index})


def evidence_of(card: Accelerator) -> tuple[str, ...]:
    """Return in words what an accelerator says of its fault."""
    said = []
    if card.xid_last is not None:
        said.append(f"Xid {card.xid_last}")
    if card.ecc_uncorrected_count:
        said.append(MEMORY_ERRORS)
    if needs_recovery(card):
        said.append(f"{card.recovery_action} advised")
    return tuple(said)
