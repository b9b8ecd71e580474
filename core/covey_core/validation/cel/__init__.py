"""Kubernetes' CEL validation rules (`x-kubernetes-validations`), evaluated as the API server does on creation.

The engine is imported when the first rule is met: most manifests have none.
"""
