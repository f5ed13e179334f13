"""Names found by a piece that no slip has touched: the same as are found by comparing with all of them."""

from hypothesis import given
from hypothesis import strategies as st

from gate.names import is_close
from gate.spelling import Spellings

LETTERS = st.sampled_from("ab c")
NAMES = st.text(LETTERS, min_size=1, max_size=14)


@st.composite
def slipped(draw: st.DrawFn, name: str) -> str:
    """A name with up to three slips: a letter put in, left out or changed, two letters swapped."""
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(name)))
        kind = draw(st.sampled_from(["in", "out", "changed", "swapped"]))
        letter = draw(LETTERS)
        before, after = name[:place], name[place:]
        name = {
            "in": before + letter + after,
            "out": before + after[1:],
            "changed": before + letter + after[1:],
            "swapped": before + after[1:2] + after[:1] + after[2:],
        }[kind]
    return name


@given(st.lists(NAMES, unique=True, max_size=8), st.data())
def test_every_close_name_is_found(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.one_of(NAMES, *(slipped(known) for known in names)))
    assert Spellings(names).close_to(name) == sorted((known for known in names if is_close(known, name)), key=len)
