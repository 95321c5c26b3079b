"""Who has a say about propositions by being named for one."""

from people.models import User
from people.second_factor import counts_as_staff
from propositions.models import PropositionFacilitator


@counts_as_staff
def facilitates_a_proposition(user: User) -> bool:
    """Is named for a proposition: speaks there as its facilitator, and is given its sessions to run."""
    return PropositionFacilitator.objects.filter(person__user=user).exists()
