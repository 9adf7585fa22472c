"""The explorer in a real browser: what it shows is what Python computes, and it answers at once."""

from __future__ import annotations

import csv
import io
import statistics
import time

import pytest
from in_chromium import Page, needs_chromium

import drc
import drc.information
from drc.errors import ProblemError
from drc.explorer import explorer, write_explorer
from drc.theory import entry

pytestmark = needs_chromium
BERNOULLI, GAUSSIAN = "bernoulli.one-shot.YU.drc", "gaussian.asymptotic.drpc.KL"
LIMITED = "gaussian.asymptotic.limited.drc"
IDS = [BERNOULLI, GAUSSIAN, LIMITED]
FRAMES = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_explorer(tmp_path_factory.mktemp("explorer") / "explorer.html", IDS)


@pytest.fixture(scope="module")
def browser(file, tmp_path_factory):
    page = Page(tmp_path_factory.mktemp("profile"))
    yield page
    page.close()


@pytest.fixture
def page(browser, file):
    browser.events.clear()
    browser.open("about:blank")
    browser.open(file.as_uri())
    browser.until("document.documentElement.dataset.drawn !== undefined")
    yield browser
    kinds = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
    assert [e for e in browser.events if e["method"] in kinds] == []
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert all(url.startswith(("file://", "data:", "blob:", "about:")) for url in asked), asked


def choose(page, name):
    page.run(f"$('theorem').value = '{name}'; $('theorem').dispatchEvent(new Event('change')); {FRAMES}")


def type_in(page, letter, value):
    page.run(f"$('type-{letter}').value = '{value}'; $('type-{letter}').dispatchEvent(new Event('change')); {FRAMES}")


def shown(page):
    return page.run("evaluate(exact(), now.values).value")


def test_the_first_picture_is_there_within_a_second(page, file):
    def taken():
        page.open("about:blank")
        page.open(file.as_uri())
        return page.run("performance.getEntriesByName('shown')[0].startTime")

    # The best of some, because other work of the machine is measured with it.
    assert any(taken() < 1000 for _ in range(5))


def test_a_slider_answers_within_fifty_milliseconds(page):
    def median(name):
        choose(page, name)
        page.run(
            f"""(async () => {{
              performance.clearMeasures();
              const slide = document.querySelector("#parameters input[type=range]");
              for (let k = 1; k <= 15; k++) {{
                slide.value = Number(slide.min) + (slide.max - slide.min) * (0.2 + 0.02 * k);
                slide.dispatchEvent(new Event("input"));
                await {FRAMES};
              }}
            }})()"""
        )
        taken = page.run("performance.getEntriesByName('drawn').map((e) => e.duration)")
        assert len(taken) >= 10
        return statistics.median(taken)

    for name in IDS:
        assert any(median(name) < 50 for _ in range(5)), name


def test_the_value_is_that_of_python(page):
    for letter, value in {"q_X": 0.3, "q_Y": 0.6, "q_S1": 0.1, "R": 0.88, "C": 0.55}.items():
        type_in(page, letter, value)
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    assert shown(page) == pytest.approx(T(R=0.88, C=0.55), rel=1e-12)
    assert page.run("$('regime').textContent") == T.regime(R=0.88, C=0.55)
    assert page.run("$('why').textContent") == T.why(R=0.88, C=0.55).split(": ", 1)[1]
    assert "0.5634043" in page.run("$('value').textContent")
    assert page.run("document.querySelectorAll('#formula math').length") > 5


def test_the_printed_form_stands_beside_the_exact_one(page):
    at = {"q_X": 0.3, "q_Y": 0.45, "q_S1": 0.1, "R": 0.85, "C": 0.5}
    for letter, value in at.items():
        type_in(page, letter, value)
    printed = entry(BERNOULLI).tradeoff(form="published")(**at)
    assert page.run("evaluate(printed(), now.values).value") == pytest.approx(printed, rel=1e-12)
    assert f"{printed:.7g}" in page.run("$('printed').textContent")
    page.run(f"document.querySelector('[value=published]').click(); {FRAMES}")
    assert page.run("now.map.names") == [r.name for r in drc.Bernoulli().drc(form="published").cases]


def test_a_printed_form_is_shown_for_the_problems_that_it_speaks_of(page):
    type_in(page, "q_Y", 0.6)
    for _ in range(2):
        assert page.run("printed()") is None
        assert "prints a form for" in page.run("$('printed').textContent")
        page.run(f"document.querySelector('#printed button').click(); {FRAMES}")
        assert "As printed" in page.run("$('printed').textContent")
        choose(page, GAUSSIAN)
    choose(page, BERNOULLI)


def test_the_map_and_its_borders_are_those_of_python(page):
    T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    xs, ys, values, regimes = page.run(
        "[now.map.xs, now.map.ys, Array.from(now.map.grid.values, (v) => (v < Infinity ? v : null)),"
        " Array.from(now.map.grid.regimes)]"
    )
    for i in range(0, len(xs), 37):
        for j in range(0, len(ys), 29):
            k = i * len(ys) + j
            expected = T(R=xs[i], C=ys[j])
            assert (values[k] is None) == (expected == float("inf"))
            assert values[k] is None or values[k] == pytest.approx(expected, rel=1e-12)
            assert T.cases[regimes[k]].name == T.regime(R=xs[i], C=ys[j])
    pieces = page.run("borders(now.map.grid, (i, j) => now.map.regime_at(...[[i, 'xs'], [j, 'ys']].map(([t, a]) =>"
                      " now.map[a][0] + t * (now.map[a][1] - now.map[a][0]))), 30)")  # fmt: skip
    horizontal, vertical = xs[1] - xs[0], ys[1] - ys[0]
    for piece in pieces[:: max(1, len(pieces) // 20)]:
        x, y = xs[0] + piece["line"][0] * horizontal, ys[0] + piece["line"][1] * vertical
        around = {
            T.regime(R=max(0, x + a * 1e-2 * horizontal), C=y + b * 1e-2 * vertical) for a in (-1, 1) for b in (-1, 1)
        }
        assert len(around) > 1, (x, y)


def test_the_pointer_shows_and_sets_a_point(page):
    box = page.run("(({x, y, width, height}) => [x, y, width, height])($('cursor').getBoundingClientRect())")
    x, y = box[0] + 0.5 * box[2], box[1] + 0.2 * box[3]
    before = page.run("now.values.R")
    page.mouse("mouseMoved", x, y)
    page.run(FRAMES)
    assert page.run("!$('tip').hidden && $('tip').textContent.startsWith('D = ')")
    assert page.run("now.values.R") == before
    for kind in ("mousePressed", "mouseReleased"):
        page.mouse(kind, x, y, button="left", clickCount=1)
    page.run(FRAMES)
    f = page.run(f"[now.map.frame.x_at({x - box[0]}), now.map.frame.y_at({y - box[1]})]")
    assert page.run("[now.values.R, now.values.C]") == pytest.approx(f, abs=1e-2)
    assert page.run("Number($('type-R').value)") == page.run("now.values.R")


def test_the_keyboard_reaches_and_moves_everything(page):
    page.run("document.activeElement.blur()")
    reached = []
    for _ in range(40):
        page.press("Tab")
        reached.append(page.run("document.activeElement.id || document.activeElement.className"))
    for name in ("theorem", "slide-R", "type-C", "slide-q_X", "cursor", "copy-latex", "csv-map", "wish-accuracy"):
        assert name in reached, reached
    page.run("$('cursor').focus()")
    before = page.run("now.values.R")
    page.press("ArrowRight")
    one = page.run("now.values.R")
    page.press("ArrowRight", shift=True)
    assert page.run("now.values.R") - one == pytest.approx(10 * (one - before), rel=0.05)
    page.run("$('slide-q_X').focus()")
    page.press("ArrowRight")
    assert page.run("now.values.q_X") == pytest.approx(0.302)


def test_a_screen_reader_is_told(page):
    named = page.run(
        """[...document.querySelectorAll("button, input, select, canvas:not([aria-hidden])")].filter((e) =>
             !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim())).map((e) => e.outerHTML)"""
    )
    assert named == []
    type_in(page, "R", 0.5)
    page.until("$('live').textContent.startsWith('At R = 0.5')")
    assert "limited" in page.run("$('live').textContent")
    assert page.run("$('cursor').getAttribute('aria-label')").startswith("Map of D. At R = 0.5")


def test_parameters_stop_where_the_problem_ends(page):
    choose(page, GAUSSIAN)
    type_in(page, "theta", 5)
    assert page.run("now.values.theta") == pytest.approx(0.8)  # sigma_S sigma_X
    assert "would fail" in page.run("$('assumed').textContent")
    assert shown(page) is not None


def test_one_argument_is_mapped_with_a_parameter(page):
    choose(page, LIMITED)
    assert page.run("[now.x, now.y]") == ["R", "R_c"]
    at = page.run("now.values")
    assert shown(page) == pytest.approx(entry(LIMITED).tradeoff()(**at), rel=1e-12)


def test_what_is_copied(page):
    page.run("copied = []; copy = (text, what) => { copied.push(text); tell(what); }")
    choose(page, GAUSSIAN)
    page.run("$('copy-latex').click(); $('copy-python').click(); $('copy-link').click()")
    latex, python, link = page.run("copied")
    assert latex == entry(GAUSSIAN).tradeoff().latex()
    names: dict = {}
    *lines, call = python.strip().splitlines()
    exec("\n".join(lines), names)
    assert eval(call, names) == pytest.approx(shown(page), rel=1e-12)
    value = shown(page)
    page.open("about:blank")
    page.open(link)
    assert page.run("now.theorem.id") == GAUSSIAN
    assert shown(page) == value


def test_what_is_saved(page):
    page.run("saved = {}; save = (name, type, content) => { saved[name] = content; }")
    page.run("$('csv-curve').click(); $('csv-map').click(); $('png-map').click()")
    page.until("saved['map.png'] !== undefined")
    assert page.run("saved['map.png'].type") == "image/png"
    for name, rows in (("curve.csv", 201), ("map.csv", 51 * 51)):
        table = list(csv.DictReader(io.StringIO(page.run(f"saved['{name}']"))))
        assert len(table) == rows
        for row in table[:: rows // 23]:
            at = {letter: float(row[letter]) for letter in ("q_X", "q_Y", "q_S1", "R", "C")}
            T = entry(BERNOULLI).tradeoff()
            assert float(row["D"]) == pytest.approx(T(**at), rel=1e-12)
            assert row["regime"] == T.regime(**at)
            assert float(row["D_as_printed"]) == pytest.approx(
                entry(BERNOULLI).tradeoff(form="published")(**at), rel=1e-9
            )


def test_a_download_is_a_file(page, tmp_path):
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.run("$('csv-curve').click()")
    file = tmp_path / f"{BERNOULLI}-curve.csv"
    end = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert file.read_text().startswith("q_S1,q_X,q_Y,R,C,D,regime,D_as_printed\n")


def test_a_wanted_accuracy_becomes_a_bound(page):
    assert "C ≤ 0.1 bit" in page.run("$('answers-accuracy').textContent")
    page.run(f"document.querySelectorAll('#answers-accuracy button')[1].click(); {FRAMES}")
    assert page.run("now.values.C") == pytest.approx(
        drc.information.classification_bounds(0.95, 2).necessary, rel=1e-12
    )
    choose(page, GAUSSIAN)
    page.run(f"document.querySelector('#answers-judge button').click(); {FRAMES}")
    assert page.run("now.values.P") == pytest.approx(drc.information.perception_bound(0.55, "KL"), rel=1e-12)


def test_a_phone_shows_no_more_than_its_width(file, tmp_path):
    phone = Page(tmp_path / "profile", 390, 844)
    try:
        phone.open(file.as_uri())
        for theme in ("light", "dark"):
            phone.run(f"set_theme('{theme}'); {FRAMES}")
            assert phone.run("document.documentElement.scrollWidth") <= 390
            assert phone.run(CONTRASTS) == []
    finally:
        phone.close()


#: Texts whose contrast with what is behind them is below 4.5.
CONTRASTS = """(() => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && e.parentElement ? behind(e.parentElement) : colour;
  };
  return [...document.querySelectorAll("p, label, button, select, h1, h2, legend, span, code, [type=number], figcaption")]
    .filter((e) => e.offsetParent && (e.textContent.trim() || e.value)).flatMap((e) => {
      const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      return ratio < 4.5 ? [`${e.tagName} ${e.id} ${e.textContent.slice(0, 20)} ${ratio}`] : [];
    });
})()"""


def test_the_file_is_small(file):
    assert len(file.read_bytes()) < 2_000_000 * len(IDS) / 29


def test_an_unknown_theorem_is_refused():
    with pytest.raises(ProblemError, match="id must be one of"):
        explorer(["nothing"])
