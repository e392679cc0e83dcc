"""Give and get: who stops giving what the charter asks of it loses the reads that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alliance.rights.grant import Member


@dataclass(frozen=True)
class Duty:
    """One rule of the charter.

    Attributes:
        role: of the members it binds; roles without a rule owe nothing.
        gives: signals of which at least one is to be given again ...
        every_days: ... within so many days.
        gets: signals of other members that are lost while nothing is.
        source: where the rule comes from.
    """

    role: str
    gives: tuple[str, ...]
    every_days: int
    gets: tuple[str, ...]
    source: str

    def lapses_at(self, member: Member, given: Mapping[str, datetime]) -> datetime:
        """When a member loses what the rule gives, unless it gives again before.

        A newcomer has as long to give for the first time as others have between two times.

        Args:
            member: one of the rule's role.
            given: when the member last gave each signal.
        """
        last = max([member.registered_at, *(given[signal] for signal in self.gives if signal in given)])
        return last + timedelta(days=self.every_days)


@dataclass(frozen=True)
class Standing:
    """How a member stands with the charter.

    Attributes:
        lost: signals of others it may not read now, each with the rule that takes it away.
        until: the next moment at which it will lose more; ``None`` for never.
    """

    lost: Mapping[str, Duty]
    until: datetime | None


def standing(charter: Sequence[Duty], member: Member, given: Mapping[str, datetime], at: datetime) -> Standing:
    """What a member has lost at a moment."""
    own = [(duty, duty.lapses_at(member, given)) for duty in charter if duty.role == member.role]
    lost = {signal: duty for duty, lapses in reversed(own) if lapses <= at for signal in duty.gets}
    return Standing(lost, min((lapses for _, lapses in own if lapses > at), default=None))
