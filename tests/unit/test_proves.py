"""The plugin that holds tests to SPEC.md, seen from the outside: small suites with a SPEC.md of their own."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SPEC = """\
**UC-ONE-1** (MUST, both) Both MUST.

**UC-ONE-2** (MUST, both) Both MUST.

**UC-TWO-1** (SHOULD, both) Both SHOULD.
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.path.joinpath("SPEC.md").write_text(SPEC, encoding="utf-8")
    return pytester


def test_a_full_run_tells_what_is_proved_and_what_has_no_test(suite: pytest.Pytester):
    suite.makepyfile(
        """
        from proves import proves

        @proves("UC-ONE-1", "UC-TWO-1")
        def test_passes(): pass

        @proves("UC-TWO-1")
        def test_fails(): assert False
        """
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["proved: 1 of 3 requirements", "proved: 1 of 2 MUSTs", "MUSTs with no test yet, 1: ONE 2"]
    )


def test_a_partial_run_tells_nothing(suite: pytest.Pytester):
    suite.makepyfile("def test_passes(): pass")
    result = suite.runpytest_inprocess("-k", "passes")
    result.stdout.no_fnmatch_line("proved: *")


def test_an_unknown_id_stops_the_run(suite: pytest.Pytester):
    suite.makepyfile(
        """
        from proves import proves

        @proves("UC-ONE-9")
        def test_passes(): pass
        """
    )
    result = suite.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_passes claims to prove UC-ONE-9, which SPEC.md does not have"])
