"""Public datasets of prices, each read by one small module out of its release or its file."""

DATASETS = {
    "litellm": "litellm",
    "genai-prices": "genai_prices",
    "model-prices": "model_prices",
    "metergraph-core": "metergraph",
    "models.dev": "models_dev",
    "aws": "aws",
}
"""Each dataset's module; the first four are packages of those names, the others files."""
