"""Builds the documentation site into a folder: ``make docs``, or ``python docs/site_build.py [FOLDER]``.

The pages of this folder, the notebooks and a page for each room of the package, made from its docstrings, are laid out
beside each other; Sphinx builds them with every warning an error, and all links within the site are followed. Notebooks
are run, so that their tables and pictures are in the site; what they show is kept in ``out/docs-cache`` until they
or the program change. With ``RISKZONING_DOCS_EXECUTE=0`` they are laid out as they are, and the start page says so.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import riskzoning
from riskzoning import standards
from riskzoning.faces import public_names

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "docs"
_NAMES = {
    "level": "Levels 层级",
    "hazard": "Hazards 灾种",
    "receptor": "Receptors 承灾体",
    "exposed": "Exposed counts 暴露量",
    "status": "Status of numbers 数值状态",
}


_NOT_RUN = "They were not run for this copy of the site (`RISKZONING_DOCS_EXECUTE=0`): texts and code, no pictures."


def runs_notebooks() -> bool:
    """Whether the tutorials are run; they take minutes the first time."""
    return os.environ.get("RISKZONING_DOCS_EXECUTE", "1") not in ("", "0")


def cache_folder() -> Path:
    """Where what notebooks have shown is kept: a folder for each state of the program, of its tables and the sample."""
    digest = hashlib.sha256()
    for folder in (ROOT / "riskzoning", ROOT / "data" / "samples" / "xinxiang"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return ROOT / "out" / "docs-cache" / digest.hexdigest()[:16]


def lay_out(folder: Path) -> None:
    """Everything that the site is made of, as Sphinx reads it."""
    for page in sorted(HERE.glob("*.md")):
        shutil.copyfile(page, folder / page.name)
    shutil.copyfile(HERE / "site" / "conf.py", folder / "conf.py")
    (folder / "static").mkdir()
    shutil.copyfile(HERE / "site" / "site.css", folder / "static" / "site.css")
    (folder / "how-to").mkdir()
    for page in sorted((HERE / "how-to").glob("*.md")):
        # Notebooks stand beside the pages of the site.
        text = page.read_text(encoding="utf-8").replace("../../notebooks/", "../tutorials/")
        (folder / "how-to" / page.name).write_text(text, encoding="utf-8")
    (folder / "index.md").write_text(index(), encoding="utf-8")
    (folder / "tutorials").mkdir()
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copyfile(notebook, folder / "tutorials" / notebook.name)
    (folder / "glossary.md").write_text(glossary(), encoding="utf-8")
    (folder / "api").mkdir()
    seen: set[int] = set()
    for room in rooms():
        (folder / "api" / f"{room}.md").write_text(api_page(room, seen), encoding="utf-8")


def index() -> str:
    """The start page; what it does not name by itself is a page about methods."""
    text = (HERE / "site" / "index.md").read_text(encoding="utf-8")
    text = text.replace("TUTORIALS_RUN", "" if runs_notebooks() else _NOT_RUN)
    named = set(re.findall(r"^([\w-]+)$", text, re.MULTILINE))
    return text.replace("OTHER_PAGES", "\n".join(sorted({page.stem for page in HERE.glob("*.md")} - named)))


def rooms() -> list[str]:
    """The rooms of the package that people call, by name."""
    return [name for name in riskzoning.__all__ if inspect.ismodule(getattr(riskzoning, name))]


def api_page(room: str, seen: set[int]) -> str:
    """A room: what it is for, then every public name of its faces with its docstring, where it comes first."""
    whole = f"riskzoning.{room}"
    lines = [f"# {whole}", "", "```{eval-rst}"]
    for face, names in public_names().items():
        if face != whole and not face.startswith(f"{whole}."):
            continue
        lines += [f".. automodule:: {face}", "   :no-members:", ""]
        module = importlib.import_module(face)
        for name in names:
            thing = getattr(module, name)
            # Modules have a place of their own.
            if not inspect.ismodule(thing) and id(thing) not in seen:
                seen.add(id(thing))
                lines += _entry(f"{face}.{name}", thing)
    return "\n".join([*lines, "```", ""])


def _entry(name: str, thing: object) -> list[str]:
    if inspect.isclass(thing):
        kind = "exception" if issubclass(thing, BaseException) else "class"
        return [f".. auto{kind}:: {name}", "   :members:", ""]
    if inspect.isfunction(thing):
        return [f".. autofunction:: {name}", ""]
    if inspect.ismethod(thing):
        return [f".. autofunction:: {name}{inspect.signature(thing)}", ""]
    return [f".. py:data:: {name}", "", f"   A value of type {type(thing).__name__}.", ""]


def glossary() -> str:
    """The words of the trade in both languages, as the program uses them."""
    data = standards.shipped_table("names/common").data
    lines = [
        "# Glossary 词汇表",
        "",
        "What maps, tables, page and messages call things, and the keys of tables and study.yaml.",
        "",
    ]
    for kind, head in _NAMES.items():
        lines += [f"## {head}", "", "| 中文 | English | key |", "|---|---|---|"]
        lines += [f"| {item['zh']} | {item['en']} | `{key}` |" for key, item in data[kind].items()]
        lines.append("")
    lines += ["## Quantities 物理量", "", "| 中文 | English | key | unit |", "|---|---|---|---|"]
    for key, item in standards.shipped_table("quantities").data.items():
        lines.append(f"| {item['zh']} | {item['en']} | `{key}` | {item.get('units', '')} |")
    return "\n".join([*lines, ""])


class _Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def broken_links(site: Path) -> list[str]:
    """Links within a site that lead nowhere, as ``page: link``; links to other sites are not followed."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        pages[path.resolve()] = page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            lost = not target.exists() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors
            )
            if lost:
                broken.append(f"{path.relative_to(site.resolve())}: {link}")
    return broken


def build(target: Path) -> int:
    """Build and check; the exit code."""
    with tempfile.TemporaryDirectory(prefix="riskzoning-docs-") as folder:
        source = Path(folder) / "source"
        source.mkdir()
        lay_out(source)
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-d", f"{folder}/trees"]
        kept = {"RISKZONING_DOCS_CACHE": str(cache_folder())} if runs_notebooks() else {}
        # Modules that the machine keeps beside the project stay in reach.
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        done = subprocess.run([*command, str(source), str(target)], env={**os.environ, "PYTHONPATH": paths, **kept})
    if done.returncode:
        return done.returncode
    broken = broken_links(target)
    sys.stderr.writelines(f"broken link in {line}\n" for line in broken)
    sys.stdout.write(f"{target}/index.html: {len(list(target.rglob('*.html')))} pages, {len(broken)} broken links\n")
    if not runs_notebooks():
        sys.stdout.write("the tutorials have no pictures: RISKZONING_DOCS_EXECUTE=0 was set\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "out" / "docs").resolve()))
