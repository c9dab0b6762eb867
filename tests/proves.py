"""Which test proves which requirement of SPEC.md.

A test says so with `@proves("UC-SEAL-7", …)`. An id that SPEC.md does not have stops the run at collection;
after a full run the summary tells what is proved, and which MUSTs no test claims.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from spec import Requirement, SpecError, read_spec


def proves(*ids: str) -> pytest.MarkDecorator:
    """Marks a test, a class of tests or a `pytest.param` as proof of these requirements."""
    if not ids:
        raise ValueError("proves() needs the id of at least one requirement")
    return pytest.mark.proves(*ids)


def claims(item: pytest.Item) -> set[str]:
    """The ids that a test claims to prove, by its own mark or by that of its class or module."""
    return {requirement for mark in item.iter_markers("proves") for requirement in mark.args}


def compact(ids: list[str]) -> str:
    """`SEAL 3 7 · PATH 1` for `["UC-SEAL-3", "UC-SEAL-7", "UC-PATH-1"]`."""
    areas: dict[str, list[str]] = defaultdict(list)
    for requirement in ids:
        _, area, number = requirement.split("-")
        areas[area].append(number)
    return " · ".join(f"{area} {' '.join(numbers)}" for area, numbers in areas.items())


PROVES = "proves"
"""The name under which a test's report tells what it claims to prove."""


class Proofs:
    """The pytest plugin: checks the claims, follows the tests that make them, and tells the result."""

    def __init__(self, spec: Path) -> None:
        self._spec = spec
        self._requirements: list[Requirement] = []
        self._claims: dict[str, set[str]] = {}
        self._passed: set[str] = set()
        self._failed: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Runs before -k and -m deselect anything, so that any run that collects a wrong id finds it."""
        self._claims = {item.nodeid: ids for item in items if (ids := claims(item))}
        for item in items:  # so that the reports of other processes tell it too
            item.user_properties += [(PROVES, one) for one in sorted(self._claims.get(item.nodeid, ()))]
        try:
            self._requirements = read_spec(self._spec)
        except (OSError, SpecError) as error:
            raise pytest.UsageError(str(error)) from error
        known = {requirement.id for requirement in self._requirements}
        wrong = [
            f"{test} claims to prove {', '.join(sorted(ids - known))}, which SPEC.md does not have"
            for test, ids in self._claims.items()
            if ids - known
        ]
        if wrong:
            raise pytest.UsageError("\n".join(wrong))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = {str(value) for name, value in report.user_properties if name == PROVES}
        if ids:
            self._claims[report.nodeid] = ids
        if report.failed:
            self._failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self._passed.add(report.nodeid)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
    ) -> None:
        ran_all = config.args_source is not pytest.Config.ArgsSource.ARGS and not (
            config.option.keyword or config.option.markexpr
        )
        if ran_all and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            terminalreporter.section("SPEC.md")
            for line in self._summary():
                terminalreporter.write_line(line)

    def _summary(self) -> list[str]:
        """Proved is what a passed test claims, and no failed one."""
        self._requirements = self._requirements or read_spec(self._spec)
        good = {one for test in self._passed - self._failed for one in self._claims.get(test, ())}
        bad = {one for test in self._failed for one in self._claims.get(test, ())}
        claimed = {one for ids in self._claims.values() for one in ids}
        proved = good - bad
        musts = [requirement.id for requirement in self._requirements if requirement.level == "MUST"]
        untested = [requirement for requirement in musts if requirement not in claimed]
        lines = [
            f"proved: {len(proved)} of {len(self._requirements)} requirements",
            f"proved: {len(proved.intersection(musts))} of {len(musts)} MUSTs",
        ]
        if untested:
            lines.append(f"MUSTs with no test yet, {len(untested)}: {compact(untested)}")
        return lines
