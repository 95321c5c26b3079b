import pytest

from content.templatetags.typography import quoted


@pytest.mark.parametrize("typed", ["Keep the van.", "“Keep the van.”", '"Keep the van."', " 'Keep the van.' "])
def test_quotation_has_one_pair_of_marks(typed):
    assert quoted(typed) == "“Keep the van.”"
