"""The store on SQLAlchemy Core, one code base for SQLite and PostgreSQL (ADR 5).

Reading order: schema, codec, engine, faults | session, then a file per table | transaction, store | migrate.
"""
