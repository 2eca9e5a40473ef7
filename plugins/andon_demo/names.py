"""The words of the factory: what people and their jobs are called."""

from __future__ import annotations

from andon.sdk import WorkClass, clean
from andon_demo.chance import draw, salted, shuffled
from andon_demo.places import Owner

_FAMILIES = (
    "lefevre",
    "moreau",
    "garnier",
    "rousseau",
    "chevalier",
    "lambert",
    "tanaka",
    "sato",
    "kimura",
    "watanabe",
    "yamada",
    "ishii",
    "okafor",
    "mensah",
    "nguyen",
    "tran",
    "patel",
    "iyer",
    "singh",
    "garcia",
    "lopez",
    "ortiz",
    "silva",
    "costa",
    "novak",
    "kowalski",
    "petrov",
    "haas",
    "weber",
    "lindqvist",
    "berg",
    "rossi",
    "conti",
    "walker",
    "brooks",
    "chen",
    "liu",
    "zhao",
    "kim",
    "park",
)

_TRAINING = (
    "llm-70b-sft",
    "llm-8b-dpo",
    "pretrain-moe-8x22b",
    "pretrain-dense-13b",
    "vit-g14-imgnet",
    "diffusion-xl-lora",
    "whisper-ft-{lang}",
    "seg3d-unet-v{n}",
    "bevfusion-r{n}",
    "rl-grasp-ppo-{n}",
    "esm-finetune-{n}",
    "clip-h-pretrain",
    "reward-model-{n}b",
    "ckpt-eval-step{n}000",
)
_INFERENCE = ("serve-{model}", "vllm-{model}", "trt-{model}")
_HPC = (
    "gromacs-npt-{n}K",
    "openfoam-wing-{n}",
    "lammps-al-cu-{n}",
    "wrf-d0{d}-72h",
    "icon-eps-m{n}",
    "amber-fep-{n}",
    "cp2k-h2o-{n}",
    "ls-crash-b{n}",
    "nek5k-pipe-{n}",
    "qmcpack-nio-s{n}",
)
_ANALYTICS = (
    "spark-etl-w{n}",
    "rapids-join-{n}",
    "features-2026w{d}",
    "var-mc-{n}k",
    "backtest-q{d}",
    "variant-call-chr{d}",
    "dedup-shard-{n}",
    "embed-corpus-{n}",
)
_INTERACTIVE = ("jupyter", "interactive", "vscode-tunnel", "bash", "profile-nsys")

MODELS = (
    "llama-3.3-70b",
    "mistral-small-24b",
    "qwen3-32b",
    "deepseek-r1-distill-32b",
    "gemma-3-27b",
    "whisper-large-v3",
    "bge-m3-embed",
    "phi-4",
    "nemotron-49b",
    "codestral-22b",
)

_HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "[@click=app.drain_all]train[/]",
    "[/evil] [bold]not closed",
    "\x9b31mC1\x9d52;c;aGk=\x9c",
    "\u202etxt.evil\u2066x\u2069",
    "two\nlines\r\ttabs\x0b\x0c\x00\x7f",
    "|,;:\x1e\x1f\x01field\x02row\u2028\u2029",
    "x" * 10_000,
    "--help; rm -rf $HOME `id` $(id) 'quoted\"",
    "e\u0301\u0301\u0301\u0301 zero\u200bwidth \U0001f9e8 漢字 \udcff",
    "={}%s%n{0.__class__}\\n",
    "\x1bP1;2|dcs\x1b\\ \x1b_apc\x1b\\ \x1b^pm\x1b\\ \x1bXsos\x1b\\ \x1bc",
    "\x90dcs\x9c\x9fapc\x9c\x9epm\x9c\x98sos\x9c\x85\x8d",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\\x1b]52;c;ZXZpbA==\x07",
    "$success[/] [link='x']l[/link] [on red]{{}} \\[b] :warning: $(primary)",
)
"""Names that a hostile tenant could choose."""


def hostile_texts() -> tuple[str, ...]:
    """Return hostile raw names as a plugin hands them on: each passed through `clean`."""
    return tuple(clean(raw) for raw in _HOSTILE)


def users_of(owner: Owner, seed: int, hostile: bool) -> tuple[str, ...]:
    """Return the user names of a tenant, three to nine of them."""
    salt = salted(seed, "users", owner.name)
    families = shuffled(salt, _FAMILIES)[: 3 + draw(salt, -1) % 7]
    initials = "abcdefghijklmnoprstv"
    users = [
        f"{initials[draw(salt, 100 + index) % len(initials)]}{family}"
        for index, family in enumerate(families)
    ]
    if hostile:
        users[0] = hostile_texts()[draw(salt, -2) % len(_HOSTILE)]
    return tuple(users)


def job_names(work: WorkClass, seed: int, hostile: bool) -> tuple[str, ...]:
    """Return the pool of job names of one class of work."""
    templates = {
        WorkClass.TRAINING: _TRAINING,
        WorkClass.INFERENCE: _INFERENCE,
        WorkClass.HPC: _HPC,
        WorkClass.ANALYTICS: _ANALYTICS,
    }.get(work, _INTERACTIVE)
    salt = salted(seed, "names", work.value)
    names = []
    for number in range(64):
        bits = draw(salt, number)
        names.append(
            templates[number % len(templates)].format(
                n=1 + (bits & 0x1FF) % 380,
                d=1 + (bits >> 12) % 9,
                lang=("fr", "ja", "de", "en")[(bits >> 20) & 3],
                model=MODELS[(bits >> 24) % len(MODELS)],
            )
        )
    if hostile:
        names[::6] = [hostile_texts()[index % len(_HOSTILE)] for index in range(len(names[::6]))]
    return tuple(names)
