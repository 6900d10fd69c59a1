"""From the environment and the shared files to options."""
