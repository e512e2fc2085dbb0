"""What can be told of a condition from the groups that a mail holds, before a single hit is looked at.

Most rules are out by that: they want a word that is not there, or one that is there rules them out. Worked out once,
when the rules are compiled. Called by `matcher`.
"""

from typing import NamedTuple

from triage.core.rules.vocabulary import AllOf, AnyOf, Condition, Matches, NoneOf, Present, Term, Together

Groups = frozenset[str]


class Needs(NamedTuple):
    """A condition taken apart: it holds where `rest` does, of each of `any_of` some group has a hit, of each of `meant`
    some group has one outside the contexts that the rule never counts, and none of `barred` has such a hit.
    """

    any_of: tuple[Groups, ...]
    meant: tuple[Groups, ...]
    barred: Groups
    rest: Condition


def needs_of(condition: Condition) -> Needs:
    """Take a rule's condition apart."""
    barred, rest = _barred(condition)
    return Needs(_wanted(condition), _wanted(condition, meant=True), barred, rest)


def groups_of(condition: Condition) -> Groups:
    """Return every group that a condition names, in whatever role."""
    match condition:
        case AnyOf(conditions) | AllOf(conditions) | NoneOf(conditions):
            return frozenset().union(*(groups_of(each) for each in conditions))
        case Matches():
            return frozenset()
        case _:
            terms = condition.terms if hasattr(condition, "terms") else (condition.term,)
            return frozenset(group for term in terms for group in term.groups)


def _wanted(condition: Condition, *, meant: bool = False) -> tuple[Groups, ...]:
    """Return sets of groups of which each must have a hit (`meant`: outside the rule's `unless`) for the condition to hold.

    A term that asks for a context (`is`) counts its hits there although `unless` names it: that one may be not `meant`.
    """
    match condition:
        case Present(term):
            return _of_term(term, meant=meant)
        case Together(terms):
            return tuple(need for term in terms for need in _of_term(term, meant=meant))
        case AllOf(conditions):
            return tuple(need for each in conditions for need in _wanted(each, meant=meant))
        case AnyOf(conditions):
            either = [_wanted(each, meant=meant) for each in conditions]
            return (frozenset().union(*(needs[0] for needs in either)),) if all(either) else ()
        case _:
            return ()


def _of_term(term: Term, *, meant: bool) -> tuple[Groups, ...]:
    return () if meant and term.is_ else (frozenset(term.groups),)


def _barred(condition: Condition) -> tuple[Groups, Condition]:
    """Return the groups of which the condition bears no hit at all, and what it still asks when there is none."""
    match condition:
        case AllOf(conditions):
            parts = [_barred(each) for each in conditions]
            left = [one for _, rest in parts for one in _flat(rest)]
            return frozenset().union(*(barred for barred, _ in parts)), (
                left[0] if len(left) == 1 else AllOf(tuple(left))
            )
        case NoneOf(conditions):
            plain = [
                each
                for each in conditions
                if isinstance(each, Present) and not (each.term.is_ or each.term.but)
            ]
            rest = NoneOf(tuple(each for each in conditions if each not in plain))
            return frozenset(group for each in plain for group in each.term.groups), rest
        case _:
            return frozenset(), condition


def _flat(condition: Condition) -> tuple[Condition, ...]:
    """Return what all must hold for the condition to hold."""
    if isinstance(condition, AllOf):
        return condition.conditions
    return () if condition == NoneOf(()) else (condition,)
