"""Finding photos: words, filters, orders and pages that hold at any size.

criteria.py    what an address asks for; the door for pages, the API and bulk work
questions.py   words, "phrases" and -exclusions, as people type them
filters.py     what can be filtered by; other apps register theirs
orders.py      what can be sorted by; likewise
pages.py       pages by the last row seen, not by number
counts.py      counts that stay cheap
entries.py     reads of the catalogue (model: archive.models.finding)
keeping.py     the triggers that keep the catalogue; sqlite.py, postgresql.py: their words
"""
