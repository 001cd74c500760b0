"""A standing duty: whoever is asked is told, reminded, and followed by the next in line before time is over.

Who may answer does not depend on this: it follows from the policies and the clock. This only tells people.
"""

from prefect import State, flow

from tasks import (
    expired_reviews,
    new_question,
    next_in_line,
    owner_warned,
    policy_news,
    reminder,
    tell,
    tell_systems,
    waiting_reviews,
    what_became,
)


@flow(name="escalate-reviews", description=__doc__)
def escalate_reviews(flow_run_id: str = "") -> State:
    """Look at every open review, or at those of one campaign run, and tell people what they do not know yet."""
    notices = expired_reviews(flow_run_id) + policy_news() + what_became(flow_run_id)
    for review in waiting_reviews(flow_run_id):
        notices += new_question(review)
        notices += reminder(review)
        notices += next_in_line(review)
        notices += owner_warned(review)

    told = tell(notices)
    tell_systems()
    return told
