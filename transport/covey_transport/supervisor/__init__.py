"""The program `covey-proxy`: starts Envoy, keeps its files true, drains it, and ends with a code that says why."""
