"""Training a Keras network in one compiled program: `from helpers.train import train`."""

from helpers.train.divergence import TrainingDiverged as TrainingDiverged
from helpers.train.stopping import TrainingInterrupted as TrainingInterrupted
from helpers.train.stopping import stop_when as stop_when
from helpers.train.training import train as train
from helpers.train.training import train_many as train_many
