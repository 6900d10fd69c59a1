"""From options to middleware; `standard_stack` is the page to read first."""
