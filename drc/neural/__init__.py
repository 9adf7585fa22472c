"""Trained codecs beside the theory: experiments, data, metrics, and backends that train."""
