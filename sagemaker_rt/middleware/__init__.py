"""The standard middleware, one a file; `sagemaker_rt.assembly` puts them in order."""
