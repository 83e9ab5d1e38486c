"""The pages of the golden assessment: complete, closed, exact, and without a way in for hostile text."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import golden
import polars as pl
import pytest

from assess.errors import NotAssessedError, UsageError
from assess.report.format import SPACE
from assess.report.html import THEMES, render
from assess.results import MANIFEST, Directory, page_name

VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "line", "path"}


class Page(HTMLParser):
    """A page taken apart: its ids, links, attributes, data values and text, and whether every tag is closed."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.rows: list[tuple[str, Decimal]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        own = dict(attrs)
        if own.get("id"):
            self.ids.append(str(own["id"]))
        if own.get("href"):
            self.hrefs.append(str(own["href"]))
        if tag == "data":
            self.rows.append((next(row for row in reversed(self.open) if row), Decimal(str(own["value"]))))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words).replace(SPACE, " "))


@pytest.fixture(scope="module", params=["zh", "en"])
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, list[Path]]:
    directory = golden.write(tmp_path_factory.mktemp("golden"))
    return request.param, directory, render(directory, request.param)


@pytest.fixture(scope="module")
def pages(rendered: tuple[str, Path, list[Path]]) -> dict[str, Page]:
    _, directory, paths = rendered
    return {str(path.relative_to(directory)): Page(path.read_text(encoding="utf-8")) for path in paths}


def unit(pages: dict[str, Page], key: str) -> Page:
    return pages[f"units/{page_name(key)}.html"]


def test_one_page_for_each_unit_each_group_and_an_index(rendered: tuple[str, Path, list[Path]]) -> None:
    _, directory, paths = rendered
    groups = [("county", "东县"), ("county", "西县"), ("prefecture", "北市"), ("prefecture", "南市")]
    assert {str(path.relative_to(directory)) for path in paths} == {
        "index.html",
        *(f"groups/{page_name(f'{level}-{name}')}.html" for level, name in groups),
        *(f"units/{page_name(key)}.html" for key in golden.KEYS),
    }


def test_ids_are_unique_and_every_link_leads_somewhere(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for href in page.hrefs:
            path, _, fragment = href.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in pages, href
            assert not fragment or fragment in pages[target].ids, f"{name} → {href}"


def test_no_page_asks_for_anything_outside_of_itself(rendered: tuple[str, Path, list[Path]]) -> None:
    for path in rendered[2]:
        text = path.read_text(encoding="utf-8")
        for outside in ("http:", "https:", "//", "src=", "@import", "@font-face", "<link", "<img", "<iframe"):
            # Comments of the script start with two slashes.
            assert outside not in re.sub(r"\n\s*// .*", "", text), f"{outside} in {path.name}"


def test_only_the_scripts_and_styles_of_the_package_may_run(rendered: tuple[str, Path, list[Path]]) -> None:
    for path in rendered[2]:
        text = path.read_text(encoding="utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
        assert policy is not None
        assert policy[1].startswith("default-src &#39;none&#39;")
        assert "unsafe" not in policy[1]
        assert re.findall(r"<script[^>]*>", text) == ["<script>"]


def test_hostile_text_is_shown_and_never_obeyed(rendered: tuple[str, Path, list[Path]], pages: dict[str, Page]) -> None:
    for path in rendered[2]:
        assert golden.HOSTILE not in path.read_text(encoding="utf-8")
    assert golden.HOSTILE in pages["index.html"].text
    for page in pages.values():
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert page.tags.count("script") == 1
    assert unit(pages, "A03").text.count(golden.HOSTILE) >= 2


def test_rendering_changes_no_table(tmp_path: Path) -> None:
    directory = golden.write(tmp_path / "a")
    before = {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.rglob("*")) if path.is_file()
    }
    render(directory)
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in before} == before


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_same_tables_give_the_same_pages_whenever_they_are_rendered(tmp_path: Path, lang: str, theme: str) -> None:
    first, second = golden.write(tmp_path / "a"), golden.write(tmp_path / "b")
    manifest = json.loads((second / MANIFEST).read_text(encoding="utf-8"))
    manifest |= {"started": "2031-01-01T00:00:00+00:00", "finished": "2031-01-01T00:01:00+00:00"}
    (second / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    ones, others = render(first, lang, theme), render(second, lang, theme)
    assert {path.parent.name for path in ones} == {"a", "groups", "units"}
    for one, other in zip(ones, others, strict=True):
        assert one.relative_to(first) == other.relative_to(second)
        assert one.read_bytes() == other.read_bytes()


def test_a_theme_leaves_no_trace_in_pages_that_are_rendered_again(tmp_path: Path) -> None:
    directory = golden.write(tmp_path / "a")
    before = {path: path.read_bytes() for path in render(directory)}
    assert all(path.read_bytes() != before[path] for path in render(directory, theme="print"))
    assert {path: path.read_bytes() for path in render(directory)} == before


def test_the_waterfall_adds_up_to_the_score(rendered: tuple[str, Path, list[Path]], pages: dict[str, Page]) -> None:
    scores = {row["unit"]: row for row in Directory(rendered[1]).read("scores").rows(named=True)}
    for key in golden.KEYS:
        full, *losses, score = (value for _, value in unit(pages, key).rows)
        assert full == scores[key]["max"]
        assert full + sum(losses) == score == scores[key]["score"]
        assert all(loss < 0 for loss in losses)


def test_printed_losses_add_up_as_printed(rendered: tuple[str, Path, list[Path]]) -> None:
    for path in (path for path in rendered[2] if path.parent.name == "units"):
        printed = re.findall(r'<data value="[^"]+">([^<]+)</data>', path.read_text(encoding="utf-8"))
        full, *losses, score = (Decimal(text.replace("−", "-").replace(",", "")) for text in printed)
        assert full + sum(losses) == score


def test_what_cannot_be_true_is_said_raw_with_the_counts_behind_it(
    rendered: tuple[str, Path, list[Path]], pages: dict[str, Page]
) -> None:
    said = {
        "zh": "134.88 % 大于 100 %：分子 2,698 大于分母 2,000.3。",
        "en": "134.88 % is greater than 100 %: the numerator 2,698 is greater than the denominator 2,000.3.",
    }[rendered[0]]
    for page in (pages["index.html"], unit(pages, "A01")):
        assert said in page.text
    assert "implausible" in pages["index.html"].ids


@pytest.mark.parametrize(
    "said",
    [
        "92 时，没有整数分母能得出 61.47 %：分母 149 得 61.74 %，分母 150 得 61.33 %",
        "967,535 ÷ 968,457 = 99.9048 %，上报为 99.84 %",
        "若以 969,038 作分母",
        "6,341,775 至 140,000,000 之间，最大为最小的 22.1 倍",
        "上报 72.00 %，按明细核算为 65.00 %",
        "60.00 ‰ 超出合理区间",
        "目标 35 %，已完成目标的 80.00 %",
        "此类指标不设上限，大于 100 % 属正常",
        "超过 640,000",
        "青山镇卫生院",
    ],
)
def test_contradictions_are_told_in_figures(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    directory = golden.write(tmp_path_factory.mktemp("said"))
    assert said in Page(render(directory, "zh")[0].read_text(encoding="utf-8")).text


def test_legal_figures_are_not_among_the_implausible(rendered: tuple[str, Path, list[Path]]) -> None:
    text = rendered[2][0].read_text(encoding="utf-8")
    exhibits = text[text.index('id="implausible"') : text.index('id="heat"')]
    assert "144.4" not in exhibits
    assert "144.4" in text


def test_a_rule_that_did_not_run_is_told_to_everyone(pages: dict[str, Page]) -> None:
    for key in golden.KEYS:
        assert "findings-error" in unit(pages, key).ids


def test_a_page_holds_only_the_records_of_its_unit(pages: dict[str, Page]) -> None:
    assert "110105********000X" in unit(pages, "A01").text
    for key in golden.KEYS[1:]:
        assert "110105****" not in unit(pages, key).text
    # Five records are shown of the 774 that violate the rule, and the page says where the others are.
    assert "110105********004X" in unit(pages, "A01").text
    assert "110105********005X" not in unit(pages, "A01").text
    assert "769" in unit(pages, "A01").text


def test_every_table_has_a_caption_and_every_head_a_scope(rendered: tuple[str, Path, list[Path]]) -> None:
    for path in rendered[2]:
        text = path.read_text(encoding="utf-8")
        assert len(re.findall(r"<table\b", text)) == len(re.findall(r"<caption[^>]*>[^<]", text))
        assert re.findall(r"<th(?![^>]*scope=)[ >]", text) == []
        assert re.findall(r"<t[dh][^>]*style=", text) == []


def test_the_page_says_its_language(rendered: tuple[str, Path, list[Path]]) -> None:
    tag = {"zh": "zh-CN", "en": "en"}[rendered[0]]
    for path in rendered[2]:
        assert f'<html lang="{tag}">' in path.read_text(encoding="utf-8")


def test_english_pages_hold_no_chinese_words_of_ours(tmp_path: Path) -> None:
    page = Page(render(golden.write(tmp_path / "a"), "en")[0].read_text(encoding="utf-8"))
    # Names and figures that units wrote stay as they wrote them.
    for word in ("分子", "分母", "待核查", "拨付", "不通过"):
        assert word not in page.text


def test_what_is_missing_is_left_out(tmp_path: Path) -> None:
    frames = golden.frames()
    bare = {name: frame.clear() for name, frame in frames.items() if name != "units"}
    for lang in ("zh", "en"):
        written = render(golden.write(tmp_path / lang, **bare), lang)
        page = Page(next(path for path in written if path.parent.name == "units").read_text(encoding="utf-8"))
        assert not {"waterfall", "allocation", "figures", "indicators", "problems"} & set(page.ids)
        assert {"provenance", "signatures"} <= set(page.ids)


def test_a_unit_without_a_score_says_why(tmp_path: Path) -> None:
    scores = golden.frames()["scores"].with_columns(
        score=pl.when(pl.col("unit") == "B01").then(None).otherwise("score"),
        quality=pl.when(pl.col("unit") == "B01").then(None).otherwise("quality"),
        rank=pl.when(pl.col("unit") == "B01").then(None).otherwise("rank"),
        why=pl.when(pl.col("unit") == "B01").then(pl.lit("error")).otherwise("why"),
    )
    directory = golden.write(tmp_path / "a", scores=scores)
    render(directory, "zh")
    page = Page((directory / "units" / "B01.html").read_text(encoding="utf-8"))
    assert "无得分：某项目所依据的规则未能执行" in page.text
    assert "waterfall" not in page.ids


def test_errors_are_lines_that_a_person_can_act_on(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report in language 'fr'"):
        render(golden.write(tmp_path / "a"), "fr")
    with pytest.raises(UsageError, match="is not an assessment directory"):
        render(tmp_path / "nothing")
    (tmp_path / "a" / "tables" / "scores.parquet").write_bytes(b"no parquet")
    with pytest.raises(NotAssessedError, match=r"scores\.parquet"):
        render(tmp_path / "a")
