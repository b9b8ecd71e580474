"""What Covey knows of each federated-learning runtime, one module each."""
