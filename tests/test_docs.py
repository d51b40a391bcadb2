"""What the papers say is what the program does."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from riskzoning import standards
from riskzoning.cli import app
from riskzoning.config import StudyConfig
from riskzoning.hazards import HAZARDS
from riskzoning.results import StudyResult
from tests.sample_run import SampleRun

ROOT = Path(__file__).parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "samples" / "README.md"])
# What is told of the past may name what is gone.
_NOW = [path for path in PAPERS if path.name != "CHANGELOG.md"]


def _module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _module("reference_page")


@pytest.mark.parametrize("name", ["hazards_page", "receptors_page", "surveys_page", "products_page", "database_page"])
def test_the_pages_of_hazards_and_receptors_are_what_they_declare(name: str) -> None:
    module = _module(name)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: make docs"


@pytest.mark.parametrize("file", REFERENCE.PAGES)
def test_the_reference_is_what_the_program_is(file: str) -> None:
    written = (ROOT / "docs" / file).read_text(encoding="utf-8")
    assert written == REFERENCE.PAGES[file](), "run: make docs-reference"


def test_every_key_of_a_study_is_explained_with_an_example_that_is_read() -> None:
    words = standards.table("names/study_keys").data
    keys = {key for key, _ in REFERENCE.keys_of(StudyConfig)}
    assert keys == set(words), "describe the key in riskzoning/standards/names/study_keys.yml"
    for key, said in words.items():
        assert set(said) == {"en", "zh", "example"}, key
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"]), key
        yaml.safe_load(str(said["example"]))


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_parameter_of_a_hazard_is_explained(hazard: str) -> None:
    said = REFERENCE._parameters(HAZARDS[hazard].params)
    assert [key for key in HAZARDS[hazard].params.model_fields if not said.get(key)] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_papers_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_map_of_rooms_is_the_real_tree() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {
        path.stem
        for path in (ROOT / "riskzoning").iterdir()
        if (path.is_dir() or path.suffix == ".py") and path.stem[0] != "_"
    }
    table = text.split("## Where things are")[1].split("## The few types")[0]
    named = {word for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    assert named == rooms
    rows = text.split("```")[3].replace("|", " ").split()
    assert set(rows) == rooms


def _blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for kind, body in fenced if kind == language]


def _commands(name: str) -> list[str]:
    lines = "".join(_blocks(name, "")).splitlines()
    return [re.sub(r"\s+#.*| --lang zh", "", line).strip() for line in lines if line.strip()]


def test_both_readmes_give_the_same_commands_and_the_same_first_cell() -> None:
    assert _commands("README.md")[:2] == ["make demo", "make test"]
    assert _commands("README.md") == _commands("README.zh.md")
    code = [re.sub(r"\s+#.*", "", _blocks(name, "python")[0]) for name in ("README.md", "README.zh.md")]
    assert code[0] == code[1]


def test_commands_and_options_of_the_readme_exist() -> None:
    for command in _commands("README.md"):
        words = command.split()
        if words[0] != "riskzoning":
            continue
        groups = {group.typer_instance.info.name for group in app.registered_groups if group.typer_instance}
        done = CliRunner().invoke(app, [*words[1 : 3 if words[1] in groups else 2], "--help"], env={"COLUMNS": "200"})
        assert done.exit_code == 0, command
        assert [word for word in words if word.startswith("-") and word not in done.output] == [], command


def _every_command() -> list[tuple[str, list[str]]]:
    """The commands of the program in fenced blocks and in code of a line, by paper."""
    commands = []
    for path in _NOW:
        text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
        fenced = "\n".join(body for _, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
        inline = re.findall(r"`(riskzoning [^`]+)`", text)
        for line in [*fenced.splitlines(), *inline]:
            words = line.split("#")[0].split()
            if words[:1] == ["riskzoning"] and len(words) > 1 and words[1][0] not in "=-":
                commands.append((path.name, words[1:]))
    return commands


def test_commands_and_options_of_every_paper_exist() -> None:
    groups = {group.typer_instance.info.name for group in app.registered_groups if group.typer_instance}
    commands, wrong, said = _every_command(), [], dict[tuple[str, ...], str]()
    assert len(commands) > 40
    for paper, words in commands:
        name = tuple(words[: 2 if words[0] in groups else 1])
        if name not in said:
            done = CliRunner().invoke(app, [*name, "--help"], env={"COLUMNS": "300"})
            said[name] = done.output if done.exit_code == 0 else ""
        options = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
        wrong += [f"{paper}: {' '.join(words)}: {one}" for one in options if one not in said[name]]
        wrong += [f"{paper}: {' '.join(words)}"] if not said[name] else []
    assert wrong == []


def test_names_of_the_program_in_every_paper_exist() -> None:
    import riskzoning as rz

    wrong = []
    for path in _NOW:
        for name in set(re.findall(r"\brz((?:\.[A-Za-z_]\w*)+)", path.read_text(encoding="utf-8"))):
            thing: Any = rz
            for part in name[1:].split("."):
                thing = getattr(thing, part, None)
            wrong += [f"{path.name}: rz{name}"] if thing is None else []
    assert wrong == []


def test_the_study_of_a_whole_city_has_the_form_that_is_checked(tmp_path: Path) -> None:
    from riskzoning.config import parse_study

    text = (ROOT / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    assert {item["hazard"] for item in yaml.safe_load(text)["hazards"]} >= {"earthquake", "flood", "geology"}
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    # The placeholder folder is not there; nothing else may be wrong.
    wrong = [row for row in parse_study(tmp_path / "study.yaml").problems if "does not exist" not in row.found]
    assert wrong == []


def test_the_first_cell_of_the_readme_runs(
    sample_run: SampleRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import riskzoning
    from riskzoning.pipeline import run_study

    def from_the_finished_one(*given: object, **options: object) -> StudyResult:
        asked = inspect.signature(run_study).bind(*given, **options).arguments
        assert (asked["study"].hazards, asked["out"]) == (sample_run.study.hazards, "out/sample")
        return sample_run.opened()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(riskzoning, "run_study", from_the_finished_one, raising=False)
    lines = _blocks("README.md", "python")[0].splitlines()
    room: dict[str, Any] = {}
    exec("\n".join(lines[:-1]), room)
    first = eval(lines[-1], room)
    assert len(first) == 5
    assert first["multi_risk_index"].is_monotonic_decreasing


SITE = _module("site_build")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("site")
    SITE.lay_out(folder)
    return folder


def test_every_page_has_one_place_in_the_site_and_every_place_a_page(laid_out: Path) -> None:
    trees = re.findall(r"```{toctree}\n(.*?)```", (laid_out / "index.md").read_text(encoding="utf-8"), re.DOTALL)
    named = [line for tree in trees for line in tree.splitlines() if line and line[0] != ":"]
    assert len(named) == len(set(named))
    globs = {"tutorials/*", "api/*"}
    pages = {
        path.relative_to(laid_out).with_suffix("").as_posix()
        for path in laid_out.rglob("*")
        if path.suffix in (".md", ".ipynb") and path.name != "index.md"
    }
    assert {page for page in pages if f"{page.split('/')[0]}/*" not in globs} == set(named) - globs
    assert globs <= set(named)
    assert sum(page.startswith("tutorials/") for page in pages) == len(list((ROOT / "notebooks").glob("*.ipynb")))


def test_every_page_of_the_site_has_one_title(laid_out: Path) -> None:
    # A second one is a page of its own in the lists of the site.
    for page in sorted(laid_out.rglob("*.md")):
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1, page.name


def test_every_public_name_is_in_the_reference_of_its_room_once(laid_out: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (laid_out / "api").glob("*.md"))
    entries = re.findall(r"\.\. (?:autofunction|autoclass|autoexception|py:data):: ([\w.]+)", text)
    assert len(entries) == len(set(entries))
    import riskzoning as rz

    things = {entry.rpartition(".")[2] for entry in entries}
    assert {name for name in rz.__all__ if not inspect.ismodule(getattr(rz, name))} - {"__version__"} <= things


def test_the_glossary_has_both_languages_in_every_row(laid_out: Path) -> None:
    text = (laid_out / "glossary.md").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("|") and row[1] != "-" and "中文" not in row]
    assert len(rows) > 50
    assert [row for row in rows if not re.match(r"\| \S.* \| \S.* \| `[\w:-]+` \|", row)] == []


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    links = (
        '<a id="b" href="two.html#b">x</a><a href="two.html#c">x</a><a href="no.html">x</a><a href="https://a.b/">x</a>'
    )
    (tmp_path / "one.html").write_text(links, encoding="utf-8")
    (tmp_path / "two.html").write_text('<p id="b"><a href="#b">x</a><img src="no%20such.png">', encoding="utf-8")
    broken = ["one.html: two.html#c", "one.html: no.html", "two.html: no%20such.png"]
    assert SITE.broken_links(tmp_path) == broken


@pytest.mark.parametrize("run", [True, False])
def test_the_start_page_says_whether_the_tutorials_were_run(monkeypatch: pytest.MonkeyPatch, run: bool) -> None:
    monkeypatch.setenv("RISKZONING_DOCS_EXECUTE", str(int(run)))
    text = SITE.index()
    assert ("not run" in text) != run
    assert "TUTORIALS_RUN" not in text


def test_what_notebooks_have_shown_is_kept_for_one_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for part in ("riskzoning", "data/samples/xinxiang"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "riskzoning" / "a.py").write_text("1")
    monkeypatch.setattr(SITE, "ROOT", tmp_path)
    before = SITE.cache_folder()
    assert SITE.cache_folder() == before
    (tmp_path / "riskzoning" / "a.py").write_text("2")
    assert SITE.cache_folder() != before


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_without_a_broken_link(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_nb")
    # That they run is tested with the notebooks.
    monkeypatch.setenv("RISKZONING_DOCS_EXECUTE", "0")
    assert SITE.build(tmp_path / "site") == 0
    assert "0 broken links" in capfd.readouterr().out


@pytest.mark.city
def test_the_study_of_a_whole_city_passes_the_check_with_its_data(city_data: Path, tmp_path: Path) -> None:
    from riskzoning.config import parse_study

    text = (ROOT / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    (tmp_path / "study.yaml").write_text(text.replace("/path/to/data", city_data.as_posix()), encoding="utf-8")
    assert parse_study(tmp_path / "study.yaml").problems == ()
