"""Both databases for the tests of this folder."""

import pytest

from tests.servers.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/triage.db"
    return request.getfixturevalue("postgres").url()
