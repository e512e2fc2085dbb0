"""Keyword rules: what a client's words make of a case, and why.

Reading order: vocabulary (what can be said) | material (the texts, laid out) | phrases, needs, matcher (finding) |
contexts, conditions (meaning) | weighing (the sum) | verdict (precedence) | lint (advice to admins). Call `rules.classify`.
"""

from triage.core.rules.material import Material
from triage.core.rules.verdict import DEFAULT_RULE, RuleSet, classify

__all__ = ["DEFAULT_RULE", "Material", "RuleSet", "classify"]
