"""The register: clashes, dangling names and circles are fatal; selection is by id and tier."""

from dataclasses import replace

import pytest

from tests.verify import sample_claims
from verify import registry
from verify.claim import Verdict
from verify.registry import Registry, RegistryError

SAMPLES = "tests.verify.sample_claims"
PROVED = registry.load((SAMPLES,))["good.proved"]


def variant(**changes):
    return replace(PROVED, **changes)


def test_duplicate_ids_are_fatal():
    register = Registry()
    register.add(PROVED, "one")
    with pytest.raises(RegistryError, match=r"good\.proved is registered by one and by two"):
        register.add(PROVED, "two")
    with pytest.raises(RegistryError, match="registered"):
        registry.register(PROVED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requires": ("no.such",)}, r"unknown claims \['no\.such'\]"),
        ({"expected": Verdict.REFUTED, "twin": "no.such"}, "unknown claims"),
        ({"requires": ("good.proved",)}, "circle"),
    ],
)
def test_references_are_validated(changes, message):
    register = Registry()
    register.add(variant(**changes), "one")
    with pytest.raises(RegistryError, match=message):
        register.validate()


def test_a_refuted_claim_and_its_twin_differ_in_verdict():
    register = Registry()
    first = variant(id="a.a", expected=Verdict.REFUTED, twin="b.b")
    register.add(first, "one")
    register.add(variant(id="b.b", expected=Verdict.REFUTED, twin="a.a"), "one")
    with pytest.raises(RegistryError, match="agree in verdict"):
        register.validate()


def test_load_takes_the_claims_of_the_named_modules_only():
    samples = registry.load((SAMPLES,))
    assert set(samples.modules.values()) == {sample_claims.__name__}
    assert not set(samples.claims) & set(registry.load().claims)


def test_a_module_that_cannot_be_imported_is_named():
    with pytest.raises(RegistryError, match=r"no\.such\.module"):
        registry.load(("no.such.module",))


def test_select_by_pattern_and_tier():
    samples = registry.load((SAMPLES,))
    assert [c.id for c in registry.select(samples, ["good.p*"], "quick")] == ["good.proved"]
    quick = {c.id for c in registry.select(samples, [], "quick")}
    full = {c.id for c in registry.select(samples, [], "full")}
    assert full - quick == {"good.full"}
    with pytest.raises(ValueError, match="'typo'"):
        registry.select(samples, ["good.*", "typo"], "quick")
