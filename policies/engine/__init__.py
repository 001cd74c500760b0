"""What makes policies of the texts beside it: typed models, loading, pure verdicts. `policies` is its face."""
