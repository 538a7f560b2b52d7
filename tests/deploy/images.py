"""What an image holds, built by the Dockerfile's own rules but without Docker, and run with its libraries only."""

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions() -> list[Instruction]:
    """Those of the Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages(service: str) -> dict[str, tuple[str, list[Instruction]]]:
    """Each stage: what it stands on, and its instructions; the image itself is the stage with no name."""
    found: dict[str, tuple[str, list[Instruction]]] = {}
    current: list[Instruction] = []
    for each in instructions():
        if each.word == "FROM":
            base, _, name = each.rest.replace("${SERVICE}", service).partition(" AS ")
            current = []
            found[name] = (base, current)
        elif found:
            current.append(Instruction(each.word, each.rest.replace("${SERVICE}", service)))
    return found


class Image:
    """The files that the image of `service` has in its folder, copied below `folder`."""

    def __init__(self, service: str, folder: Path, python: "Interpreter") -> None:
        self.folder = folder
        self._service = service
        self._python = python
        self._stages = stages(service)
        self._context = _in_context()

    def build(self, stage: str = "") -> "Image":
        base, steps = self._stages[stage]
        if base in self._stages:
            self.build(base)
        for step in steps:
            if step.word == "COPY":
                self._copy(step.rest)
            elif step.word == "RUN" and "-m crm" in step.rest:
                command, _, target = step.rest.partition(" > ")
                self._outside(target).write_bytes(self._python.run(self.folder, *shlex.split(command)[1:]))
        return self

    def _copy(self, rest: str) -> None:
        source, target = rest.split()[-2:]
        stage = re.match(r"--from=(\w+)", rest)
        if stage is None:
            for path in self._context:
                if path == source or path.startswith(f"{source}/"):
                    under = path.removeprefix(source).lstrip("/")
                    to = Path(target) / (under or Path(source).name) if under or target.endswith("/") else Path(target)
                    _copy_file(ROOT / path, self.folder / to)
        elif stage[1] in self._stages and source != "/opt/crm":
            other = Image(self._service, self.folder.parent / stage[1], self._python)
            if not other.folder.exists():
                other.build(stage[1])
            _copy_file(other._outside(source), self.folder / target)

    def _outside(self, path: str) -> Path:
        return self.folder.parent / f"{self.folder.name}{path.replace('/', '-')}"

    @property
    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _in_context() -> list[str]:
    """Files that are given to the builder: those of the repository that .dockerignore lets through."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file() and _let_through(path, lines)]


def _let_through(path: str, lines: list[str]) -> bool:
    through = True
    for line in lines:
        pattern = line.removeprefix("!").removeprefix("**/")
        if pattern == "*" or path == pattern or path.startswith(f"{pattern}/") or fnmatch.fnmatch(path, pattern):
            through = line.startswith("!")
    return through


def libraries(folder: Path) -> Path:
    """The libraries that the images are built with, and no other."""
    for line in (ROOT / "requirements" / "image.txt").read_text().splitlines():
        found = re.match(r"([a-z0-9-]+)==\S+ ?(;.*)?\\$", line)
        if found and "win32" not in line and "3.12" not in line.replace("< '3.12'", ""):
            for top in {file.parts[0] for file in distribution(found[1]).files or () if file.parts[0] != ".."}:
                if top != "__pycache__" and not (folder / top).exists():
                    (folder / top).symlink_to(Path(distribution(found[1]).locate_file(top)))
    return folder


@dataclass(frozen=True)
class Interpreter:
    """A Python that finds nothing but the images' libraries and the folder it runs in."""

    libraries: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys._base_executable, "-S", *arguments]

    def environment(self, **given: str) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.libraries), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nonexistent"}
        return {"PATH": os.environ["PATH"], **own, **given}

    def run(self, folder: Path, *arguments: str, **given: str) -> bytes:
        """What it printed; must succeed."""
        done = subprocess.run(
            self.command(*arguments), cwd=folder, env=self.environment(**given), capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout
