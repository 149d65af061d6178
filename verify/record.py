"""Old name of `verify.run.record`."""

from verify.run.record import CheckResult, ClaimResult, RunRecord, VariantResult

__all__ = ["CheckResult", "ClaimResult", "RunRecord", "VariantResult"]
