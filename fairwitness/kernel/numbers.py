"""Public numbers per kind and year, such as R-2026-000123: what people say on the telephone instead of a key."""

from django.db import connection

from fairwitness.kernel.models import require_change


def next_numbers(kind: str, year: int, count: int = 1) -> list[str]:
    """The next `count` numbers of `kind` in `year`, without gaps: the series' row stays locked until the change ends."""
    require_change("numbering")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_numberseries (kind, year, last) VALUES (%s, %s, %s) "
            "ON CONFLICT (kind, year) DO UPDATE SET last = kernel_numberseries.last + excluded.last RETURNING last",
            [kind, year, count],
        )
        last: int = cursor.fetchone()[0]
    return [f"{kind}-{year}-{n:06d}" for n in range(last - count + 1, last + 1)]
