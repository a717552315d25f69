"""The checks as tests of pytest: a class to derive from for each kind of thing that a plugin gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

from mebench.errors import MebenchError, near_matches
from mebench.features.inputs import Input
from mebench.plugin.loading import load_plugins
from mebench.testing.checks import Check, Outcome, ask
from mebench.testing.kits import Checked, Kit, asked, checks_of

if TYPE_CHECKING:
    import pytest


class _Conformance:
    """What the four classes share: a test for each check.

    Attributes:
        expected: checks that are known to fail, by name, with why: they may, and are no longer listed once they pass.
    """

    expected: ClassVar[Mapping[str, str]] = {}
    _kind: ClassVar[Checked]
    _came: ClassVar[tuple[type, Kit | MebenchError, ExitStack] | None] = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make a test of each check; pytest calls it when it collects the class."""
        if "check" in metafunc.fixturenames:
            checks = self._checks()
            known = [each.name for each in checks]
            for name in self.expected:
                if name not in known:
                    raise MebenchError(
                        f"{type(self).__name__}.expected has {name!r}, no check of a {self._kind}"
                        + near_matches(name, known)
                    )
            metafunc.parametrize("check", checks, ids=known)

    def test_conformance(self, check: Check[Any]) -> None:
        """Ask a check."""
        import pytest

        kit = self._kit()
        if isinstance(kit, MebenchError):
            if check.name != self._checks()[0].name:
                pytest.skip("it is not there, as the first check says")
            pytest.fail(str(kit), pytrace=False)
        outcome = ask(check, kit.subject)
        if outcome.state == "not asked":
            pytest.skip(outcome.said)
        if check.name in self.expected:
            if outcome.state == "passed":
                pytest.fail("it passes: take it out of `expected`", pytrace=False)
            pytest.xfail(self.expected[check.name])
        if outcome.state == "failed":
            pytest.fail(_told(check, outcome), pytrace=False)

    @classmethod
    def teardown_class(cls) -> None:
        """Remove what was written for the checks."""
        if cls._came is not None and cls._came[0] is cls:
            cls._came[2].close()
            cls._came = None

    @classmethod
    def _checks(cls) -> tuple[Check[Any], ...]:
        name = cls._named()
        entry = None
        if isinstance(name, str) and cls._kind == "dataset" and load_plugins().registry.has("dataset", name):
            entry = load_plugins().registry.get("dataset", name)
        return checks_of(cls._kind, entry)

    @classmethod
    def _kit(cls) -> Kit | MebenchError:
        """Return what is asked, made once for the class; or why it cannot be made."""
        if cls._came is None or cls._came[0] is not cls:
            stack = ExitStack()
            try:
                name = cls._named()
                kit: Kit | MebenchError = stack.enter_context(
                    asked(load_plugins(), cls._kind, name, **cls._further())
                )
            except MebenchError as error:
                problems = "".join(f"; {problem}" for problem in load_plugins().problems())
                kit = MebenchError(f"{error} (is its package installed here? pip install -e .){problems}")
            cls._came = (cls, kit, stack)
        return cls._came[1]

    @classmethod
    def _named(cls) -> str | Input:
        found: str | Input | type[Input] | None = getattr(cls, cls._kind, None)
        if found is None:
            raise MebenchError(f"{cls.__name__} does not say which {cls._kind} it is of: {cls._kind} = ...")
        return found() if isinstance(found, type) else found

    @classmethod
    def _further(cls) -> dict[str, Any]:
        return {}


def _told(check: Check[Any], outcome: Outcome) -> str:
    why = f"\n\nWhy it matters: {check.why}" if check.why else ""
    return f"{check.name}: {outcome.said}{why}" + (f"\n\n{outcome.trace}" if outcome.trace else "")


class ModelConformance(_Conformance):
    """The checks of a model.

    Attributes:
        model: its registered name, or ``PATH.py:CLASS``.
        settings: what ``--set`` would say; a training is two epochs, or three steps, where they do not say how long.
        preset: a named group of settings; ``small`` where there is one and nothing is said.
    """

    _kind = "model"
    model: ClassVar[str]
    settings: ClassVar[Mapping[str, Any] | Sequence[str]] = ()
    preset: ClassVar[str | None] = None

    @classmethod
    def _further(cls) -> dict[str, Any]:
        return {"settings": cls.settings, "preset": cls.preset}


class DatasetConformance(_Conformance):
    """The checks of a dataset; ``dataset`` is its registered name."""

    _kind = "dataset"
    dataset: ClassVar[str]


class ProtocolConformance(_Conformance):
    """The checks of a protocol; ``protocol`` is its registered name."""

    _kind = "protocol"
    protocol: ClassVar[str]


class InputConformance(_Conformance):
    """The checks of an input; ``input`` is one, ``Brightness(size=32)``, or its class."""

    _kind = "input"
    input: ClassVar[Input | type[Input]]
