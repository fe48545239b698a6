"""Panels without a browser: what they show over their settings, and how they take a move."""

import base64
import re

from helpers import explore
from helpers.checks import InputError
from helpers.figures import Picture, diagonal

import numpy as np
import pytest


def panel_of(picture_of):
    return explore.Panel(picture_of, value=explore._slider("value", 3, 0, 10))


def test_a_move_redraws_and_the_sentence_follows():
    panel = panel_of(lambda value: diagonal(np.arange(9), np.arange(9) + value))
    first = panel._image.value
    assert "≈ 9 of them off" in panel._sentence.value
    panel._controls["value"].value = 0
    assert "all of them exactly on" in panel._sentence.value
    assert panel._image.value != first


def test_bad_settings_are_told_in_the_panel_and_the_last_picture_stays():
    def picture_of(value):
        if value == 5:
            raise InputError("value must not be 5: move on.")
        return diagonal([1, 2], [1, 2 + value])

    panel = panel_of(picture_of)
    kept = panel._image.value
    panel._controls["value"].value = 5
    assert "value must not be 5" in panel._sentence.value
    assert panel._image.value == kept
    panel._controls["value"].value = 6
    assert "must not" not in panel._sentence.value


def test_any_other_error_is_told_in_the_panel_and_reaches_the_caller():
    def picture_of(value):
        if value == 5:
            raise ZeroDivisionError("a bug")
        return diagonal([1, 2], [1, 2 + value])

    panel = panel_of(picture_of)
    with pytest.raises(ZeroDivisionError):
        panel._controls["value"].value = 5
    assert "a bug" in panel._sentence.value


def test_without_a_kernel_the_stored_output_has_picture_and_sentence():
    panel = panel_of(lambda value: diagonal([1, 2], [1, 2 + value]))
    bundle = panel._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == panel._image.value
    assert bundle["text/plain"] == panel._sentence.value
    assert "application/vnd.jupyter.widget-view+json" in bundle


PANELS = {
    explore.learning_to_square: {"epochs": (0, 100, 500)},
    explore.learning_to_add: {"epochs": (0, 300)},
    explore.line_by_hand: {"slope": (0, 1001, 2000), "intercept": (-400_000, -167_000, 400_000)},
    explore.depth_of_a_linear_network: {"layers": (0, 1, 4)},
    explore.pieces_by_hand: {"pieces": (1, 2, 16)},
}


@pytest.mark.parametrize("make", PANELS, ids=lambda make: make.__name__)
def test_every_panel_answers_over_its_range(make):
    panel = make()
    seen = set()
    for name, values in PANELS[make].items():
        control = panel._controls[name]
        assert control.min == min(values)
        assert control.max == max(values)
        for value in values:
            control.value = value
            assert control.value == value
            picture = panel._picture_of(**{n: c.value for n, c in panel._controls.items()})
            assert isinstance(picture, Picture)
            assert panel._sentence.value == picture.sentence
            seen.add(picture.sentence)
    assert len(seen) >= 2


def test_every_panel_is_tested():
    made = {
        value
        for value in vars(explore).values()
        if getattr(value, "__annotations__", {}).get("return") is explore.Panel
    }
    assert made == set(PANELS)


def rmse_in(picture):
    return float(re.search(r"RMSE against x²: .*? (?:≈ )?([\d,]+)[.;]", picture.sentence)[1].replace(",", ""))


def test_what_the_panels_say_is_what_their_notebooks_say():
    assert rmse_in(explore._line_on_squares(1001, -167_000)) == pytest.approx(74_535, abs=2)
    assert rmse_in(explore._squarer(8)) == pytest.approx(1165, abs=2)
    assert rmse_in(explore._square_network(0)) > 300_000
    assert rmse_in(explore._square_network(500)) < 2000
    assert 74_500 <= rmse_in(explore._linear_network(3)) < 80_000
    assert "all of them exactly on" in explore._sum_network(300).sentence
    assert "off the diagonal" in explore._sum_network(0).sentence
