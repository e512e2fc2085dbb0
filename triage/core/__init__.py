"""The pure heart: decides, and does nothing else.

No clock, no I/O, no asyncio, no logging; the standard library and the two matchers (ahocorasick-rs, re2).
`now` is always a parameter; instants are aware UTC; local time exists only in `sla_calendar` and `moments`.

Reading order: model, message, site, events, effects, records | text, identity, loopguard, reading,
conversation | rules | arrival, utc_line, sla_calendar, sla_policy, sla_derivation, sla_derivation_words,
reminders, pacing, duty | commands, drafts | lifecycle (every transition of a case, and nowhere else).
"""
