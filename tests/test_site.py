"""The site: what its pages say is what the notebooks say, in every browser, with and without JavaScript."""

import functools
import gzip
import http.server
import io
import json
import random
import re
import threading
from urllib.parse import unquote, urlsplit

from helpers import lessons
from helpers.checks import InputError
from helpers.live import explore
from helpers.practice import forms, predict
from helpers.question import PRINTED_RMSE
from lessons import build
from lessons.site import pages, views
from lessons.teaching import pack

import numpy as np
import pytest
from browsers import opened, serious_faults
from bs4 import BeautifulSoup
from PIL import Image

LESSON = "00_start_here"
RMSE = f"{PRINTED_RMSE['square']:,.0f}"


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Let each panel offer only where it starts, and the first one three positions, in a store of its own."""
    patch = pytest.MonkeyPatch()
    patch.setattr(views, "FOLDER", tmp_path_factory.mktemp("views"))
    for name, panel in explore.declared().items():
        page = {each: [control.value] for each, control in panel.controls.items()}
        patch.setattr(panel, "page", page | ({"epochs": [0, 20, 40]} if name == "learning_to_square" else {}))
    yield patch
    patch.undo()


@pytest.fixture(scope="module")
def site(few, tmp_path_factory):
    """Write the site of one lesson; return its folder."""
    place = tmp_path_factory.mktemp("site")
    pages.write(names=[LESSON], place=place)
    return place


@pytest.fixture
def page(browser, site):
    """The lesson's page, opened from its file."""
    with opened(browser, (site / f"{LESSON}.html").as_uri()) as page:
        yield page


@pytest.fixture(scope="module")
def made(few, tmp_path_factory):
    return pages.Page(LESSON, pages.Folder(tmp_path_factory.mktemp("made")))


def soup(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_page_has_all_that_its_notebook_has(lesson, few, tmp_path):
    page = pages.Page(lesson, pages.Folder(tmp_path))
    made = BeautifulSoup(page.html, "html.parser")
    text = build.notebook(lesson)
    assert [h.get_text().rstrip("¶") for h in made.find_all("h2")] == [
        re.sub(r"[`*]", "", heading)
        for cell in text.cells
        for heading in re.findall(r"^## (.+)", cell.source, re.M)
    ]
    code = "\n".join(cell.source for cell in text.cells if cell.cell_type == "code")
    asked = [one["data-ask"] for one in made.select("[data-ask]")]
    assert asked == list(page.asks)
    assert set(re.findall(r"predict\.(\w+)\(\)", code)) <= set(asked)
    assert [one["data-verdict"] for one in made.select("[data-verdict]")] == pages.REVEALS.findall(code)
    assert [one["data-panel"] for one in made.select("[data-panel]")] == pages.PANEL.findall(code)
    assert [one["data-exercise"] for one in made.select("[data-exercise]")] == build.CHECK.findall(code)
    assert "$" not in made.get_text()
    assert "{{" not in made.get_text()
    assert all(image.get("alt") is not None and image.get("width") for image in made.select("img"))


def test_what_tells_an_answer_is_covered_and_not_found_by_the_search(made):
    html = BeautifulSoup(made.html, "html.parser")
    told = html.select_one("[data-verdict=after_one_line]")
    assert told.find_parent(attrs={"data-after": "after_one_line"})
    assert html.find("pre", string=re.compile(f"^{RMSE}")).parent["data-after"] == "after_one_line"
    assert html.select_one("[data-ask=why_these_answers]").find_parent(attrs={"data-after": True}) is None
    assert "course-panel" not in made.html
    assert not html.select("[data-after] [data-panel]")
    found = " ".join(" ".join(section) for section in made.sections())
    assert "will the answers be perfect again" in found
    for hidden in (RMSE, "What happened", "¶"):
        assert hidden not in found


def test_a_page_is_only_made_of_its_own_notebook(monkeypatch, few, tmp_path):
    other = build.notebook(LESSON)
    other.cells[-1].source += "\n1 + 1"
    monkeypatch.setattr(build, "notebook", lambda _, page: other)
    with pytest.raises(ValueError, match=f"make notebooks ARGS={LESSON}"):
        pages.Page(LESSON, pages.Folder(tmp_path))


def test_every_link_leads_somewhere_and_nothing_comes_from_another_host(site):
    made = {path.name: soup(path) for path in site.glob("*.html")}
    for page in made.values():
        for node in page.select("[src], link[href]"):
            address = node.get("src") or node["href"]
            assert address == "data:," or (site / address).exists(), address
        for node in page.select("a[href]"):
            parts = urlsplit(node["href"])
            if parts.scheme:
                assert parts.scheme == "https", node
                if "/blob/main/" in parts.path and "colab" not in parts.netloc:
                    assert (build.ROOT / parts.path.partition("/blob/main/")[2]).exists(), node
                continue
            target = made.get(parts.path, None if parts.path else page)
            if target is None:  # the page of a lesson that this small site leaves out
                assert parts.path.removesuffix(".html") in lessons.names(), node
            elif parts.fragment:
                assert target.find(id=unquote(parts.fragment)), node
    for path in (*site.glob("*.css"), *site.glob("*.js")):
        assert not re.search(r"(?:url\(|import |src=)[\"']?https?:", path.read_text("utf-8")), path


def test_what_a_page_and_a_notebook_say_differently(made):
    assert build.words_for(False, "a <!-- notebook -->b<!-- end --><!-- page: c --> d") == "a b d"
    assert build.words_for(True, "a <!-- notebook -->b<!-- end --><!-- page: c --> d") == "a c d"
    assert "Shift and Enter" not in made.html
    assert "Shift and Enter" in str(build.notebook(LESSON).cells)


def test_a_links_place_is_one_command(monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text((build.ROOT / "README.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert pages.address(["https://github.com/ada/net.works"]) == ("ada", "net.works") == pages.address([])
    assert "OWNER" not in (tmp_path / "README.md").read_text("utf-8")
    with pytest.raises(SystemExit, match=r"Expected https.* but got ftp://here"):
        pages.address(["ftp://here"])


def test_pages_link_to_a_copy_for_colab_if_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert "Colab" not in pages.elsewhere("me", "course", LESSON)
    copied = build.target(LESSON, "dist/colab")
    copied.parent.mkdir(parents=True)
    copied.touch()
    assert pages.elsewhere("me", "course", LESSON)["Colab"].endswith(f"/dist/colab/{LESSON}.ipynb")


def test_what_has_not_changed_is_not_written_again(few, site):
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    (site / "left_over.html").write_text("")
    pages.write(names=[LESSON], place=site)
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == before


# Panels --------------------------------------------------------------------------------


def pixels(picture):
    with Image.open(picture) as opened:
        return np.asarray(opened.convert("RGB"))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(explore.declared()))
def test_stored_positions_are_what_a_kernel_shows(name, monkeypatch):
    """A walk through positions drawn at random, from the store and by the panel itself."""
    views.FOLDER.mkdir(parents=True, exist_ok=True)
    positions, drawn = views.settings(name), views.Drawn(name)
    kept = drawn.view(drawn.start, {})[2]
    panel, pictures = explore.declared()[name](), set()
    for values in random.Random(name).choices(positions, k=6):  # about 100 of all panels
        before = {} if values == drawn.start else kept
        picture, sentence, kept = drawn.view(values, before)
        if drawn.panel.forgets:
            panel._kept = {}
        panel.settings(**values)
        assert sentence == panel.sentence
        shown = pixels(io.BytesIO(panel.canvas.png()))
        np.testing.assert_array_equal(pixels(views.FOLDER / f"{picture}.webp"), shown)
        pictures.add(views.FOLDER / f"{picture}.webp")
    panel.close()
    expected = len(positions) / 6 * sum(path.stat().st_size for path in pictures)
    assert expected < 1.05 * views.MOST_BYTES, "offer fewer positions on a page, page=... of the panel"


def test_only_what_is_missing_is_computed(few, monkeypatch):
    """As after an interruption, which left half a line."""
    panel, made = explore.declared()["learning_to_square"], []
    first, path = views.stored("learning_to_square"), views.lines("learning_to_square")
    whole = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(whole[:-1]) + '\n["half a li\n', "utf-8")
    view = panel.view

    @functools.wraps(view)
    def counted(epochs):
        made.append(epochs)
        return view(epochs)

    monkeypatch.setattr(panel, "view", counted)
    assert views.missing("learning_to_square")
    assert made == []
    assert views.stored("learning_to_square") == first
    assert not views.missing("learning_to_square")
    assert made == [20, 40]  # the first is drawn before the missing one, as a kernel does
    assert views.stored("learning_to_square") == first
    assert made == [20, 40]


def test_a_panel_whose_pictures_are_too_large_for_a_page_is_refused(few, monkeypatch):
    monkeypatch.setattr(views, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"learning_to_square must have 0.001 MB at most .* 00_start_here"):
        views.stored("learning_to_square")


def test_what_was_kept_goes_on_from_view_to_view(few, monkeypatch):
    panel = explore.declared()["line_by_hand"]
    monkeypatch.setattr(panel, "page", {"slope": [500, 1000], "intercept": [0, -167_000]})
    stored = views.stored("line_by_hand")
    at, kept, best = [stored["start"], 3, 1, 2, stored["start"]], 0, []
    for position in at:  # 500·x, 1000·x − 167,000, 500·x − 167,000, 1000·x, and back
        kept = 0 if position == stored["start"] else kept
        _, sentence, kept = stored["views"][kept][position]
        best.append(re.search(r"with (.*?)\. ", sentence)[1])
    assert best == ["500·x + 0", *["1,000·x − 167,000"] * 3, "500·x + 0"]


def test_a_panel_is_computed_again_if_its_code_changes_and_not_if_its_positions_do(monkeypatch, tmp_path):
    path = tmp_path / "one.py"
    found = []
    for options in ("page={'a': 1}, b=2", "b=2", "b=3"):
        path.write_text(f"@panel([], {options})\ndef f(): pass")
        spec = type("Spec", (), {"has_location": True, "origin": str(path)})
        monkeypatch.setattr(views.importlib.util, "find_spec", lambda _, spec=spec: spec)
        found.append(views.parsed.__wrapped__("lessons.one")[0])
    assert found[0] == found[1] != found[2]


# Answers -------------------------------------------------------------------------------

TYPED = """74,535|7.4e4|about 75k|−0.5|3 million|12 %|0,5|70-80|ten||1e999|1e308/0.1|it's| 5. |1000x|10^3
|3·10^5|1/2|a k|zero|a hundred|x 5|- about 3|about -3|2**10|10^999|0^-1|1/0|1/2/3|two thousand|7 times
|eightfold|e5|5e|1 000|1,00|1'000'000|~ roughly 3 k.|about|+.5|12 starts|12starts|0x10|½|Infinity|NaN|-0|=5
|≈ 5 k|some|5 000 000"""


@pytest.fixture(scope="module")
def bare(browser):
    """A page with answers.js alone, so that its functions can be called."""
    with opened(browser) as page:
        page.add_script_tag(content=pages.answers())
        yield page


def test_numbers_are_read_and_held_against_the_truth_in_the_same_words(bare):
    draw, cases, expected = random.Random(1), [], []
    trained, share = forms.Number("starts", trained=True), forms.Number("%", within=0.02, digits=6)
    for form in (forms.Number(), trained, share):
        for truth in (0, 1, 16, 74_535.0, -3, 0.004, 293_000.123, 19.0):
            typed = [repr(truth * factor) for factor in (1, 1.0625, 1.1, 0.5, 2, 2.25, 1e-7, -1)]
            typed += [repr(draw.choice((-1, 1)) * 10 ** draw.uniform(-6, 13)) for _ in range(9)]
            asked = {"form": forms.spec(form), "truth": truth, "in_words": form.say(truth)}
            asked["sentence"] = "End."
            for each in typed + TYPED.split("|"):
                cases.append([asked, each])
                try:
                    answer = form.read(each)
                    told = forms.verdict(form, answer, truth, "End.", each.strip())
                    expected.append([form.agrees(answer, truth), told])
                except InputError as error:
                    expected.append(str(error))
    said = bare.evaluate(
        """cases => cases.map(([asked, typed]) => {
        try {
            return compare(asked, { answer: readNumber(typed, asked.form.unit), typed: typed.trim() });
        } catch (error) { return error.message; }
    })""",
        cases,
    )
    assert len(said) > 1500
    for case, one, other in zip(cases, said, expected, strict=True):
        assert one == other, case


def test_every_prediction_has_its_truth_and_a_choice_is_told_the_same_as_in_a_notebook(bare):
    outcome = """([asked, name, answer]) => {
        Object.assign(mine, { answers: { [name]: { answer } }, open: true });
        return outcome(asked, name).told;
    }"""
    for name, one in predict.declared().items():
        asked = pages.prediction(name)
        assert asked["in_words"]
        assert asked["truth"] is not None
        if isinstance(one.form, forms.Choice):
            assert [right for right, *_ in asked["told"].values()].count(True) == 1
            assert asked["told"][asked["truth"]] == [True, f"You said “{asked['truth']}”, and so it is.", ""]
            for option in one.form.options:
                told = forms.verdict(one.form, option, asked["truth"], asked["sentence"])
                assert bare.evaluate(outcome, [asked, name, option]) == told


def test_commit_first_then_see(page, site):
    question = page.locator("[data-ask=after_one_line]")
    output = page.locator("[data-reveals=after_one_line]")
    assert not output.locator("pre").is_visible()
    question.get_by_text("nearly right").click()
    question.get_by_text("Keep: not sure").click()
    assert "Kept: nearly right (not sure)." in question.inner_text()
    question.get_by_text("Change my mind").click()
    question.get_by_text("far off").click()
    quiz = page.locator("[data-ask=start_here_2]")
    quiz.get_by_text("1", exact=True).click()
    quiz.get_by_text("Answer", exact=True).click()  # which shows all questions anew
    assert question.get_by_label("far off").is_checked()
    question.get_by_text("Keep: I am sure").click()
    page.wait_for_timeout(1600)
    assert "Kept: far off (sure)." in question.inner_text()  # and no advice to run a cell
    question.get_by_text("Change my mind").click()
    question.get_by_text("perfect again").click()
    page.get_by_role("button", name="See what happened").click()
    assert question.get_by_label("far off").is_checked()
    assert question.get_by_label("perfect again").is_disabled()
    truth = json.loads((lessons.FOLDER / LESSON / "truths.json").read_text("utf-8"))["after_one_line"]["told"]
    told = f"You said “far off”, and so it is.{truth.removeprefix('far off.')}"
    assert output.locator(".course-verdict .words").inner_text() == told
    assert output.locator("pre").is_visible()
    assert page.get_by_text(RMSE).first.is_visible()
    assert not question.get_by_text("Change my mind").is_visible()
    page.reload()
    assert told in output.inner_text()
    assert told in page.locator("[data-summary]").inner_text()
    assert page.locator("[data-progress] tr").nth(1).inner_text().split("\t")[1] == "1 of 1"
    forget = page.locator("[data-progress] button")
    forget.dblclick()  # is one press
    assert page.locator("[data-progress] tr").nth(1).inner_text().split("\t")[1] == "1 of 1"
    forget.click()
    page.get_by_text("Your answers are forgotten.").wait_for()
    assert forget.evaluate("one => one === document.activeElement")
    assert question.get_by_role("radio", checked=True).count() == 0


def test_an_answer_after_it_was_seen_counts_as_none_and_a_quiz_may_be_tried_again(page):
    page.get_by_text("Show everything").click()
    question = page.locator("[data-ask=after_one_line]")
    assert page.locator("[data-reveals] pre").is_visible()
    question.get_by_text("perfect again").click()
    question.get_by_text("Keep: I am sure").click()
    assert "You said “perfect again”; it is “far off”." in question.inner_text()
    assert predict.LATE in question.inner_text()
    assert "none was kept" in page.locator("[data-summary]").inner_text()
    quiz = page.locator("[data-ask=start_here_2]")
    for option, told in (("0.5", "Not so: That is the mean of the errors"), ("1", "Right: The squares add")):
        quiz.get_by_text(option, exact=True).click()
        quiz.get_by_text("Answer", exact=True).click()
        assert told in quiz.inner_text()
        if option == "0.5":
            quiz.get_by_text("Try again").click()
    assert page.locator("[data-progress] tr").nth(1).inner_text().split("\t")[2] == "1 of 3"


def test_a_panel_moves_by_keys_through_the_positions_it_offers_and_no_others(page):
    panel, stored = page.locator("[data-panel]"), views.stored("learning_to_square")

    def shows(at):
        picture, sentence, _ = stored["views"][0][at]
        panel.locator(".sentence").get_by_text(sentence, exact=True).wait_for()
        assert stored["pictures"][picture] in panel.locator("img").get_attribute("src")

    panel.scroll_into_view_if_needed()
    for key, at in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowRight", 2)):
        panel.locator("input").press(key)
        shows(at)
    assert "The notebook has all of them" in panel.locator(".note").inner_text()
    panel.get_by_text("Reset").click()
    shows(1)


def test_the_search_finds_and_nothing_that_is_typed_becomes_html(page):
    search = page.get_by_label("Search the course")
    search.fill("activation relu")
    page.locator(".found a").first.wait_for()
    assert "Where the thread ends" in page.locator(".found").inner_text()
    assert "1 section found." in page.locator(".found").inner_text()
    bad = "<img src=x onerror=alert(1)>"
    search.fill(bad)
    page.evaluate(
        """bad => {
        const answer = { answer: bad, typed: bad, sure: bad, late: false };
        const kept = { answers: { after_one_line: answer, why_these_answers: 7 }, seen: bad };
        localStorage.setItem("course-answers-1", JSON.stringify(kept));
    }""",
        bad,
    )
    page.reload()
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("[data-ask=after_one_line] input").count() == 3


def test_without_javascript_it_is_the_course_to_read(browser, site):
    with opened(browser, (site / f"{LESSON}.html").as_uri(), java_script_enabled=False) as page:
        text = page.inner_text("main")
        assert "What happened: far off." in text
        assert "Where the slider starts, it is no better than the network in the thread" in text
        assert page.locator("[data-panel] img").is_visible()
        assert "See it without" not in text


def test_the_first_screen_is_small(site):
    first = [site / name for name in (f"{LESSON}.html", "site.css", "site.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in first) < 150_000


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_serious_fault_and_nothing_is_cut_off_on_a_phone(browser, site, colours):
    phone = {"color_scheme": colours, "viewport": {"width": 390, "height": 844}}
    with opened(browser, (site / f"{LESSON}.html").as_uri(), **phone) as page:
        page.get_by_text("Show everything").click()
        page.locator("[data-panel]").scroll_into_view_if_needed()
        page.locator("[data-panel] input").wait_for()
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_after_one_visit_it_works_offline(browser, site):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with opened(browser, f"{address}/index.html") as page:
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.wait_for_load_state("networkidle")  # its panel fetches the pictures beside it
            page.context.set_offline(True)
            server.shutdown()
            page.goto(f"{address}/{LESSON}.html")
            assert page.locator("[data-ask=after_one_line] input").count() == 3
            assert page.locator("h1").inner_text().startswith("Start here")
            assert page.evaluate("document.querySelector('[data-panel] img').decode().then(() => true)")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_teachers_guide_takes_two_pages_of_paper_at_most(paper, browser):
    with opened(browser) as page:
        for lesson in lessons.names():
            page.set_content(pack.guide_page(lesson))
            pdf = page.pdf(format=paper, prefer_css_page_size=False, print_background=True)
            assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 2, lesson
