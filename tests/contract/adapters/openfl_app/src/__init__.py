"""Digits by logistic regression, as an ordinary OpenFL workspace that has never heard of Covey."""
