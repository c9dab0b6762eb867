"""Every command in benchmarks/ says what it is, and has the options that all have."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks"
BEGUN_BY_OTHERS = {"link_people.py", "link_roads.py", "rivals.py"}
"""Programs that a benchmark starts."""
COMMANDS = {
    path.name: str(path)
    for path in sorted(FOLDER.glob("*.py"))
    if '__name__ == "__main__"' in path.read_text() and path.name not in BEGUN_BY_OTHERS
}
ASK_EACH = """\
import io, json, runpy, sys
from contextlib import redirect_stdout

said = []
for path in sys.argv[1:]:
    sys.argv = [path, "--help"]
    with redirect_stdout(io.StringIO()) as text:
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as end:
            said.append([end.code, text.getvalue()])
print(json.dumps(said))
"""
"""In one process, which imports everything once."""


@pytest.mark.skipif(sys.platform != "linux", reason="they read /proc and choose cores")
def test_every_benchmark_has_the_same_options():
    assert {"codec.py", "fanout.py", "link.py", "scale.py"} <= set(COMMANDS)
    path = os.pathsep.join(filter(None, [str(FOLDER), str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", ASK_EACH, *COMMANDS.values()],
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    for name, (code, text) in zip(COMMANDS, json.loads(done.stdout), strict=True):
        assert code == 0, name
        assert text.count("\n\n") >= 2, name  # a usage, what it is, the options
        for option in ("--quick", "under 50 s", "--json FILE", "--plot FOLDER"):
            assert option in text, (name, option)
