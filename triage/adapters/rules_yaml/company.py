"""`company:` and `severities:` of rules.yaml as the core's values."""

from collections.abc import Mapping

from triage.adapters.rules_yaml.model import CompanyModel, LanguageName, Level, SeverityModel
from triage.core.model import Language, Severity
from triage.core.support import Company, SeverityWords, WikiArticle


def company(model: CompanyModel) -> Company:
    return Company(
        name=model.name,
        email=model.email,
        products=tuple(model.products),
        phones=tuple(model.phones),
        mobiles=tuple(model.mobiles),
        chat=model.chat,
        wiki=model.wiki,
        web=tuple(model.web),
        checklist={Language(name): tuple(lines) for name, lines in model.checklist.items()},
        asks={item: _words(words) for item, words in model.asks.items()},
        articles={name: WikiArticle(a.url, _words(a.title)) for name, a in model.articles.items()},
    )


def severities(models: Mapping[Level, SeverityModel]) -> dict[Severity, SeverityWords]:
    return {
        Severity(level): SeverityWords(_words(model.name), _words(model.meaning))
        for level, model in models.items()
    }


def _words(words: Mapping[LanguageName, str]) -> dict[Language, str]:
    return {Language(name): text for name, text in words.items()}
