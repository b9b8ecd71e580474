"""Digits by logistic regression, as an ordinary Flower app that has never heard of Covey."""
