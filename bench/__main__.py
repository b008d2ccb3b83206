"""`python -m bench [name …]`: run all comparisons, or those named; each ends with a line `BENCH name ratio target ok`."""

import sys
from collections.abc import Callable

import django
from django.utils.module_loading import import_string

from bench import databases, machine
from bench.compare import Result

# In this order: first what writes much, so that nothing of it is left to the disk when pages are timed.
COMPARISONS = {
    "ingest-1g": "bench.ingest.one_gibibyte",
    "ingest-1g-encrypted": "bench.ingest.one_gibibyte_encrypted",
    "ingest-8g": "bench.ingest.eight_gibibytes",
    "package-20g": "bench.package.run",
    "upload-uvicorn": "bench.uploads.beside_uvicorn",
    "upload-granian": "bench.uploads.beside_granian",
    "upload-resume": "bench.uploads.resumed",
    "publisher": "bench.publisher.run",
    "verify-1m": "bench.verify.whole",
    "proof-1m": "bench.verify.proof",
    "list-1m": "bench.lists.run",
    "dry-run-100k": "bench.dry_run.run",
    "export-100k": "bench.export.run",
    "case-2000": "bench.case.run",
    "ranges": "bench.ranges.run",
    "ranges-encrypted": "bench.ranges.encrypted",
    "slow-viewers": "bench.viewers.run",
    "docks-50": "bench.uploads.fifty_docks",
    "cameras-4": "bench.cameras.run",
}


def main(names: list[str]) -> int:
    """Run the comparisons; 2 when a name is unknown, else 0: a target missed is said, and is no error."""
    unknown = [name for name in names if name not in COMPARISONS]
    if unknown:
        print(f"There is no comparison {', '.join(unknown)}. There are: {', '.join(COMPARISONS)}.")
        return 2
    results = []
    with databases.server():
        django.setup()
        for name in names or COMPARISONS:
            results.append(_run(name))
        if not databases.SMALL:
            machine.keep(results)
    return 0


def _run(name: str) -> Result:
    print(f"== {name}", flush=True)
    run: Callable[[], Result] = import_string(COMPARISONS[name])
    result = run()
    for sentence in result.said:
        print(f"  {sentence}")
    print(result.line(), flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
