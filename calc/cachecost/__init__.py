"""What N queries over a long context cost."""
