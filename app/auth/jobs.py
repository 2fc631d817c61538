"""Letters about accounts, and tidying up after sessions and links."""

from datetime import timedelta

from app.auth.dependencies import letter_desk
from app.auth.events import LetterAsked, LinkIssued
from app.auth.repository import EmailLinkRepository, SessionRepository
from app.core.clock import now
from app.core.jobs import GiveUp, JobContext, Retry, every, on
from app.core.mail import Mailer, NotDelivered
from app.core.rate_limits import forget_expired_counts

PATIENCE = Retry(attempts=12, base_seconds=2.0, cap_seconds=600.0)
"""About an hour, as long as the link of a recovery letter works."""
ENDED_KEPT = timedelta(days=1)
"""So long whoever comes with the token of an ended session is told which session it was."""


@on(LetterAsked, name="auth.issue_link")
async def issue_link(context: JobContext, asked: LetterAsked) -> None:
    """Decide whether the letter is due, and make its link."""
    await letter_desk(context.resources, context.session).issue(asked)


@on(LinkIssued, name="auth.send_letter", retry=PATIENCE)
async def send_letter(context: JobContext, issued: LinkIssued) -> None:
    """Send the letter; nothing in the database is held meanwhile."""
    desk = letter_desk(context.resources, context.session)
    letter = await desk.write(issued)
    await desk.links.release()
    if letter is None:
        return
    try:
        await context.resources.get(Mailer).send(letter)
    except NotDelivered as failure:
        if failure.is_final:
            raise GiveUp(str(failure)) from failure
        raise


@every("1 h", name="auth.forget_ended")
async def forget_ended(context: JobContext) -> None:
    """Drop ended sessions and links whose time is over."""
    moment = now()
    await SessionRepository(context.session).forget_ended(moment - ENDED_KEPT)
    await EmailLinkRepository(context.session).forget_expired(moment)


@every("1 h", name="auth.forget_counts")
async def forget_counts(context: JobContext) -> None:
    """Drop counts of rate limits whose time is over."""
    await forget_expired_counts(context.session)
