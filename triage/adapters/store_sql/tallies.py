"""Small numbers: the governor's counts per name and time slot."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.schema import tallies
from triage.adapters.store_sql.session import Session, chunks, insert

_COUNTED = sa.select(tallies).where(
    tallies.c.name.in_(sa.bindparam("names", expanding=True)), tallies.c.slot >= sa.bindparam("since")
)


@cache
def _add(dialect: str) -> Any:
    statement = insert(tallies, dialect)
    return statement.on_conflict_do_update(
        index_elements=["name", "slot"], set_={"count": tallies.c.count + statement.excluded["count"]}
    )


class TallyPart(Session):
    def tallies(self, names: Iterable[str], since: int) -> Mapping[str, Mapping[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for part in chunks(names):
            for name, slot, number in self._execute(_COUNTED, {"names": part, "since": since}):
                found.setdefault(name, {})[slot] = number
        return found

    def add_tallies(self, increments: Mapping[tuple[str, int], int]) -> None:
        # Sorted, so that two daemons lock the same counts in the same order.
        rows = [
            {"name": name, "slot": slot, "count": increments[name, slot]} for name, slot in sorted(increments)
        ]
        self._many(_add(self._dialect), rows)

    def forget_tallies(self, before: int) -> None:
        self._execute(tallies.delete().where(tallies.c.slot < before))
