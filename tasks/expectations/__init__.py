"""Great Expectations suites, one module a dataset."""
