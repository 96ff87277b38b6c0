"""A sample org: apps, users, logins and push settings of our own making, one for each kind of finding."""

from changeover.sample.fill import ORG_NAME, Sample, SampleUser, fill

__all__ = ["ORG_NAME", "Sample", "SampleUser", "fill"]
