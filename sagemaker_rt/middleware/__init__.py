"""The standard middleware, one a file.

`sagemaker_rt.assembly.standard_stack` puts it in order.
"""
