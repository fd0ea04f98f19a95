"""What the doctor says of a model whose file is in order and whose answers are not."""

import pytest

from mlcore.inference import Restorer
from restoration.health import networks
from restoration.models import ModelVersion
from tests.mlcore.small_network import small_network

pytestmark = pytest.mark.django_db


def test_a_model_whose_answers_are_no_numbers(
    model_version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    restorer = Restorer(small_network(not_a_number=True), engine="torch")
    monkeypatch.setattr(networks, "load_restorer", lambda model_version: restorer)
    *_, finding = networks.model()
    assert (finding.grade, finding.name) == ("broken", "model")
    assert "not a number" in finding.found
    assert "register another" in finding.mend
