"""A SageMaker Runtime that runs here, to develop and test against."""
