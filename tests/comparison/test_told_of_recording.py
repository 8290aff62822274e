"""How networks were recorded stands where the answer stands: table, notes, page, gate."""

import numpy as np
import pytest

import conjugacy as cj

torch = pytest.importorskip("torch")
nn = torch.nn


class Net(nn.Module):
    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.inner, self.spare, self.drop, self.last = nn.Linear(4, 6), nn.Linear(2, 2), nn.Dropout(), nn.Linear(6, 2)

    def forward(self, x):
        return self.last(self.drop(self.inner(x))).mean(dim=1)


@pytest.fixture
def result(rng):
    return cj.compare(Net(0), Net(1), stimuli=rng.standard_normal((60, 5, 4)), controls="none")


def test_reductions_and_what_is_missing_are_notes(result):
    notes = "\n".join(result.notes)
    assert "a: layer 'inner' is 5x6 averaged over tokens" in notes
    assert "b: 1 layer was not recorded: 'spare' did not run; 1 that only passes on" in notes
    assert "averaged over tokens" in str(result)


def test_the_page_lists_them(result, tmp_path):
    page = result.report(tmp_path / "page.html").read_text()
    assert "How they were recorded" in page
    for said in ("<code>spare</code>: did not run", "<code>inner</code>: 5x6 averaged over tokens", "only passes on"):
        assert said in page


def test_recordings_of_files_have_no_such_section(rng, tmp_path):
    x = rng.standard_normal((60, 3))
    result = cj.compare(x, 2 * x)
    assert result.notes == () or all("recorded" not in note for note in result.notes)
    assert "How they were recorded" not in result.report(tmp_path / "page.html").read_text()


def test_options_of_recording_reach_every_door(rng):
    x = rng.standard_normal((60, 5, 4))
    mask = np.ones((60, 5), int)
    mask[:, 4] = 0

    class Tokens(Net):
        def forward(self, x):
            return self.last(self.inner(x))

    last = cj.compare(Tokens(0), Tokens(0), stimuli=x, tokens="last", mask=mask, controls="none")
    assert any("last token, padding left out" in note for note in last.notes)
    each = cj.gate(Tokens(0), Tokens(0), stimuli=x, tokens="each", mask=mask)
    assert each.passed
    assert each.rows == 240
    both = [Tokens(0), Tokens(1)]
    alone = [cj.record(one, x, tokens="mean", mask=mask) for one in both]
    live = cj.compare(*both, stimuli=x, mask=mask, controls="none")
    stored = cj.compare(*alone)
    assert live.verdict.function.rung == stored.verdict.function.rung
    assert live.verdict.function.answer == stored.verdict.function.answer
