"""Diagnosis by experiment: `networks.cure` changes one thing at a time, trains, and says what helped."""

from helpers.cure.cure import Cure as Cure
from helpers.cure.cure import cure as cure
