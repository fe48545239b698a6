"""The formulas, problems, networks and runs of the engine refuse bad input with one sentence."""

import math  # noqa: F401 - the calls below use what is imported

from helpers import closed_forms, experiments, networks, question  # noqa: F401
from helpers.checks import InputError
from helpers.evidence import runs  # noqa: F401
from helpers.problems import Problem, Scaling, rmse  # noqa: F401
from helpers.train import train  # noqa: F401

import pytest

BAD = {
    "Problem('root')": "operation must be one of sum, .* but is 'root'",
    "Problem('sum', inputs=0)": "inputs must be a whole number, 1 or more, but is 0",
    "Problem('sum', largest=math.nan)": "largest must be .* but is nan",
    "Problem('product', inputs=6)": r"answers must stay below 2\*\*53",
    "Problem('sum').draw(-3, seed=0)": "examples must be .* but is -3",
    "Problem('sum').draw(5, seed=-1)": "seed must be a whole number, 0 or more",
    "Problem('sum', inputs=2).every_number()": "needs a problem of 1 input, .* has 2",
    "Problem('sum').scaling('tiny')": "scale must be one of question, .* but is 'tiny'",
    "Problem('sum', largest=1).scaling('standardised')": "needs largest >= 2",
    "rmse([1, 2], [1])": "one row for each example",
    "rmse([1, 2], [1, math.nan])": "predicted must be finite",
    "rmse(['a'], [1])": "expected must be numbers",
    "Scaling(1, 1).normalise([[1, 2], [3]], [1, 2])": "x must be numbers in rows of equal",
    "question.rows('cube')": "table must be one of sum, square, but is 'cube'",
    "closed_forms.best_line(1)": "n must be a whole number, 2 or more, but is 1",
    "closed_forms.mean_floor('ten')": "n must be a whole number, .* but is 'ten'",
    "closed_forms.line_floor(2.5)": "n must be .* but is 2.5",
    "closed_forms.pieces_floor(1000, 0)": "pieces must be .* but is 0",
    "closed_forms.pieces_floor(math.nan, 2)": "n must be a length above 0, but is nan",
    "closed_forms.units_floor(1000, 0)": "units must be .* but is 0",
    "closed_forms.units_floor(0, 3)": "n must be a length above 0, but is 0",
    "closed_forms.units_worth(1000, 0)": "error must be an RMSE above 0, but is 0",
    "closed_forms.units_worth(0, 5)": "n must be a length above 0, but is 0",
    "closed_forms.deep_errors(1000, 0)": "layers must be .* but is 0",
    "closed_forms.deep_errors(0, 3)": "n must be a length above 0, but is 0",
    "closed_forms.error_beyond(2000, 1000, 0)": "pieces must be .* but is 0",
    "closed_forms.error_beyond(900, 1000, 2)": "x must be beyond 1..1000, but is 900",
    "closed_forms.error_beyond(900, -1, 2)": "n must be .* but is -1",
    "networks.stack([])": "units must list the units of each layer",
    "networks.stack('88')": "units must list .* but is '88'",
    "networks.stack([8, 0])": r"units\[1\] must be a whole number, 1 or more, but is 0",
    "networks.stack([8, 1], inputs=-2)": "inputs must be .* but is -2",
    "networks.stack([8, 1], activation='rleu')": "activation must be one of .* but is 'rleu'",
    "networks.stack([8, 1], seed=1.5)": "seed must be .* but is 1.5",
    "networks.stack([1], initializer='glorot')": "initializer must be one of glorot_uniform, .*",
    "networks.squarer(0)": "pieces must be .* but is 0",
    "networks.deep_squarer(2.5)": "layers must be .* but is 2.5",
    "networks.keep_units(networks.deep_squarer(2), [0, 4])": r"from 0 to 3, but is \[0, 4\]",
    "networks.keep_units(networks.stack([3, 1]), [])": r"units from 0 to 2, but is \[\]",
    "experiments.run_seeds(Problem('square'), [2, 1], seeds=[])": "seeds must be at least one seed",
    "experiments.run_seeds(Problem('square'), [2, 1], seeds=[0, -1])": "seed must be .* 0 or more, but is -1",
    "train(None, [1], [1], 500)": r"the rest by name: train\(model, x, y, epochs=100\)",
    "runs.share_bound(11, 10)": "inside must be at most 10, but is 11",
    "runs.stored('large')": "name must be a claim of evidence/README.md, but is 'large'",
}


@pytest.mark.parametrize("call", BAD)
def test_bad_input_gets_one_sentence(call):
    with pytest.raises(InputError, match=BAD[call]) as caught:
        eval(call)
    assert "\n" not in str(caught.value)
