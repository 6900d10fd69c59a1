"""Where credentials come from: one provider a file."""
