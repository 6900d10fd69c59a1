"""An asyncio-native client for Amazon SageMaker Runtime."""
