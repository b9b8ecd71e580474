"""Reading an OCM hub by kubeconfig. Nothing here writes."""
